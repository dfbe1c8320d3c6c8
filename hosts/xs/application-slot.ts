// SPDX-License-Identifier: Apache-2.0

import type { ApplicationSlot, Flash, Host } from "../../modules/core/ports.js";
import { Archive, archiveState } from "./archive.js";
import { isFresh, readArchive } from "./archive-format.js";
import { resolveSpecifier } from "./specifier.js";

/** The module that an application has to bring: `application.ts` of the modules "application/*" in its manifest. */
const entry = "application/application";

/** Key of the key-value storage: an archive is being rewritten. */
const mappingKey = "app.mapping";

/** XS's own, which TypeScript does not know: modules that are loaded apart from the firmware's. */
declare const Compartment: new (options: CompartmentOptions) => { importNow(specifier: string): unknown };

interface CompartmentOptions {
  readonly globals: object;
  readonly resolveHook: (specifier: string, referrer: string) => string;
  readonly loadNowHook: (specifier: string) => object;
}

export interface ApplicationSlotOptions extends Pick<Host, "openFlash" | "storage" | "log"> {
  /** What archive.c of the platform opens: by another name than `openFlash` where it likes. */
  readonly place: string;
}

/**
 * An application as the SDK's archive of bytecode, which runs where it lies. The engine has numbers for names, others in every
 * firmware: before an archive runs for the first time under one, it is rewritten in flash. That is done here and not by the SDK
 * (XS_MODS) before the firmware starts: there nobody would notice that it was cut short, nor survive what comes of it.
 */
export class ArchiveSlot implements ApplicationSlot {
  readonly running = "xs";
  readonly next = "xs_next";
  readonly #options: ApplicationSlotOptions;

  constructor(options: ApplicationSlotOptions) {
    this.#options = options;
  }

  load(): unknown {
    const { openFlash, place } = this.#options;
    if (!this.#isWhole(openFlash(this.running))) return undefined;
    const archive = new Archive(place);
    if (!this.#isMapped(archive) || !archive.has(entry)) return undefined;
    const { modules } = archive;
    const compartment = new Compartment({
      globals: { trace },
      resolveHook: resolveSpecifier,
      // The namespace of a name is the firmware's own module: there is one DeviceError only.
      loadNowHook: (path) => (archive.has(path) ? { archive: modules, path } : { namespace: path }),
    });
    return compartment.importNow(entry);
  }

  /** Erases what was cut short while it was rewritten: it looks like one that can run. */
  #isWhole(flash: Flash): boolean {
    const { storage, log } = this.#options;
    const layout = readArchive(flash);
    const mayBeHalfMapped = storage.read(mappingKey) !== undefined;
    if (!mayBeHalfMapped || (layout && isFresh(flash, layout))) return layout !== undefined;
    log.write("warning", "host.application", "the power went while it was prepared to run; it is erased");
    flash.eraseBlock(0);
    storage.delete(mappingKey);
    return false;
  }

  #isMapped(archive: Archive): boolean {
    const { storage, log } = this.#options;
    const state = archive.examine();
    if (state === archiveState.refused) log.write("warning", "host.application", "not for this version of the engine");
    if (state !== archiveState.unmapped) return state === archiveState.mapped;
    storage.write(mappingKey, new Uint8Array(1));
    const isMapped = archive.map();
    storage.delete(mappingKey);
    return isMapped;
  }
}
