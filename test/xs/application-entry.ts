// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: loads what is in the application's slot, and calls it.

import { engine } from "../../hosts/desktop/xs/engine-globals.js";
import { board, createHost, settings } from "../../hosts/desktop/xs/host.js";
import { DeviceError } from "../../modules/core/errors.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);

interface Settings {
  readonly publicKey: string;
  readonly digest: readonly number[];
  readonly signature: readonly number[];
}

interface Loaded {
  readonly framework: string;
  default(): unknown;
}

function main(): void {
  const { log, applicationSlot, verifySignature } = createHost();
  const { publicKey, digest, signature } = settings() as Settings;
  const [first = 0] = digest;
  for (const bytes of [digest, [first ^ 1, ...digest.slice(1)]])
    log.write(
      "info",
      "signature",
      String(verifySignature?.(publicKey, Uint8Array.from(bytes), Uint8Array.from(signature))),
    );
  try {
    verifySignature?.("no key", new Uint8Array(32), new Uint8Array());
  } catch (error) {
    log.write("info", "signature", String(error));
  }
  try {
    const module = applicationSlot?.load() as Loaded;
    log.write("info", "application", `${module.framework} ${module.default()}`);
  } catch (error) {
    const { name, stack = "" } = error as Error;
    log.write("error", "application", `${name} ${stack}`, error instanceof DeviceError ? error.reason : undefined);
  }
}
