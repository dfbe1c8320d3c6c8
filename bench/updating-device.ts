// SPDX-License-Identifier: Apache-2.0

import { DeviceProcess, type DeviceProcessOptions } from "./device-process.js";
import { sampleEvent, type UpdateSample } from "./update-probe.js";

/** What the device runs before any update. */
export const builtFirmware = Object.freeze({ title: "bench", version: "v0" } as const);

export interface UpdatingDeviceOptions extends DeviceProcessOptions {
  /** Members of `DeviceConfig`. */
  readonly config?: object;
  readonly measuresHeap?: boolean;
}

/** A device that does nothing but update itself. */
export class UpdatingDevice extends DeviceProcess {
  constructor(options: UpdatingDeviceOptions) {
    const { config = {}, measuresHeap = false } = options;
    super("bench/update-firmware.ts", options, [
      `--config=${JSON.stringify(config)}`,
      ...(measuresHeap ? ["--heap"] : []),
    ]);
  }

  /** What its board saw, the oldest first. */
  get samples(): UpdateSample[] {
    return this.entries.filter(({ event }) => event === sampleEvent).map(({ detail }) => JSON.parse(detail));
  }

  /** Waits for a state of the update, as the server knows them. */
  state(name: string): Promise<void> {
    return this.until(({ entries }) =>
      entries.some(({ event, detail }) => event === "ota.state" && detail === `fw_state ${name}`),
    );
  }

  /** Waits until so many bytes are in the flash. */
  written(count: number): Promise<void> {
    return this.until(({ samples }) => (samples.at(-1)?.written ?? 0) >= count);
  }
}
