// SPDX-License-Identifier: Apache-2.0
// Loads what is in the simulator's partition for applications, and tells what came of it.

import { createHost } from "hosts/platform/host";
import { DeviceError } from "modules/core/errors";

interface Package {
  readonly default: (isOurs: (error: unknown) => boolean) => string;
  readonly framework: string;
}

export default function main(): void {
  const { applicationSlot, log, system } = createHost();
  const measure = (when: string): void =>
    system.measure((key, value) => {
      if (!key.endsWith("Peak")) log.write("info", `slot.${when}`, `${key} ${value}`);
    });
  measure("before");
  try {
    const loaded = applicationSlot?.load() as Package | undefined;
    const said = loaded?.default((error) => error instanceof DeviceError);
    log.write("info", "slot.loaded", loaded === undefined ? "nothing" : `${said} ${loaded.framework}`);
  } catch (error) {
    log.write("info", "slot.loaded", `threw ${error}`);
  }
  measure("after");
}
