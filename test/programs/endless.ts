// SPDX-License-Identifier: Apache-2.0

import { runFirmware } from "./firmware.js";

/** Never comes back. */
export default function main(): void {
  runFirmware("endless", {}, () => {
    for (;;);
  });
}
