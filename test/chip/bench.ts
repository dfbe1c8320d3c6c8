// SPDX-License-Identifier: Apache-2.0

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { demoDevice } from "../../server/server.js";
import type { Checks } from "../simulator/checks.js";
import { LocalServer } from "../simulator/local-server.js";
import type { Processes } from "../simulator/processes.js";
import { waitFor } from "../simulator/waiting.js";
import { Cloud, type Vitals } from "./cloud.js";
import { Emulator } from "./emulator.js";
import { FlashImage } from "./flash-image.js";
import type { Settings } from "./settings.js";
import type { TimeServer } from "./time-server.js";

/** From power-on to the first answered call, on a computer that has other things to do. */
const startTime = 90;

/** What a chip is that is not the default one. */
export interface ChipOptions {
  /** A whole flash. Default: that of the settings. */
  readonly image?: string;
  /** The device that the image will be at the server. Default: the demo device. */
  readonly device?: string;
}

/** What the checks share: a chip with power, and the server that its image names. */
export class Bench {
  readonly checks: Checks;
  readonly settings: Settings;
  readonly server: LocalServer;
  /** Undefined where there is none. */
  readonly time: TimeServer | undefined;
  readonly #processes: Processes;
  readonly #folder: string;
  #cloud: Cloud | undefined;
  #chip: Emulator | undefined;
  #flash: FlashImage | undefined;
  #device: string = demoDevice.name;

  constructor(checks: Checks, processes: Processes, settings: Settings, folder: string, time: TimeServer | undefined) {
    this.checks = checks;
    this.time = time;
    this.settings = settings;
    this.#processes = processes;
    this.#folder = folder;
    const { port, tls } = settings;
    this.server = new LocalServer(processes, join(folder, "server"), port, typeof tls === "string" ? undefined : tls);
  }

  get cloud(): Cloud {
    if (!this.#cloud) throw new Error("the server never started");
    return this.#cloud;
  }

  get chip(): Emulator {
    if (!this.#chip) throw new Error("there is no chip yet");
    return this.#chip;
  }

  /** To be changed only while the chip is without power. */
  get flash(): FlashImage {
    if (!this.#flash) throw new Error("there is no chip yet");
    return this.#flash;
  }

  async startServer(): Promise<void> {
    await this.server.start();
    this.#cloud = await Cloud.login(this.server.ports.httpPort, this.#device);
  }

  /**
   * Another chip, flashed with the image and without power, that `cloud` is about, and that is not offered anything. Its files are
   * called after `name`. The server has to be there.
   */
  async flashChip(name: string, { image, device = demoDevice.name }: ChipOptions = {}): Promise<void> {
    await this.#chip?.cut();
    this.#device = device;
    this.#cloud = this.cloud.of(device);
    // Others are made anew.
    if (device === demoDevice.name) await this.cloud.withdraw();
    const flash = join(this.#folder, `${name}.bin`);
    copyFileSync(image ?? this.settings.flash, flash);
    this.#flash = new FlashImage(flash);
    const { qemu, options } = this.settings;
    this.#chip = new Emulator({ processes: this.#processes, program: qemu, options, flash });
  }

  /** Waits until the device answers a call, in a later boot than `boot`. Rejects where it does not. */
  async live(boot = 0, seconds = startTime): Promise<Vitals> {
    const what = `an answer to getVitals${boot > 0 ? ` after boot ${boot}` : ""}`;
    return waitFor({ what, seconds }, async () => {
      const vitals = await this.cloud.vitals().catch(() => undefined);
      return vitals && vitals.bootCount > boot ? vitals : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}\nresets: ${this.chip.resets.join(", ")}\n${this.chip.complaint}`);
    });
  }

  /** Throws what the device says of its last reset where `vitals` are of another boot than `boot`. */
  async expectBoot(boot: number, { bootCount }: Pick<Vitals, "bootCount">): Promise<void> {
    if (bootCount === boot) return;
    const { lastReset } = await this.cloud.clientAttributes();
    throw new Error(`boot ${bootCount} instead of ${boot}: ${JSON.stringify(lastReset)}`);
  }

  /** Rejects where the device does not tell `reason` as that of its start; that of the boot before may be there for a moment. */
  async expectReason(reason: string): Promise<void> {
    let found: unknown;
    await waitFor({ what: `reset reason ${reason}`, seconds: 20 }, async () => {
      found = (await this.cloud.clientAttributes()).resetReason;
      return found === reason ? true : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${found}`);
    });
  }

  async boot(): Promise<Vitals> {
    this.chip.start();
    return this.live();
  }

  /** Sets the period of the samples, in milliseconds, and waits until it is in use. */
  async sample(period: number): Promise<void> {
    await this.cloud.setShared({ period });
    await waitFor({ what: `client attribute periodInUse ${period}`, seconds: 20 }, async () =>
      (await this.cloud.clientAttributes()).periodInUse === period ? true : undefined,
    );
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
