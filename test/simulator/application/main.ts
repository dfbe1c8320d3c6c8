// SPDX-License-Identifier: Apache-2.0
// Loads what is in the simulator's partition for applications, and tells what came of it.

import { createHost } from "hosts/platform/host";
import { DeviceError } from "modules/core/errors";

interface Package {
  readonly default: (isOurs: (error: unknown) => boolean) => string;
  readonly framework: string;
}

export default function main(): void {
  const { applicationSlot, log } = createHost();
  const tell = (what: string): void => log.write("info", "slot.loaded", what);
  try {
    const loaded = applicationSlot?.load() as Package | undefined;
    if (loaded === undefined) tell("nothing");
    else tell(`${loaded.default((error) => error instanceof DeviceError)} ${loaded.framework}`);
  } catch (error) {
    tell(`threw ${error}`);
  }
}
