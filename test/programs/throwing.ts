// SPDX-License-Identifier: Apache-2.0

import { runFirmware } from "./firmware.js";

/** Its application fails, nothing else. */
export default function main(): void {
  runFirmware("throwing", {}, () => {
    throw new TypeError("a defect of the application");
  });
}
