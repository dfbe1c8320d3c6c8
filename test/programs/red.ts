// SPDX-License-Identifier: Apache-2.0

import { runFirmware } from "./firmware.js";

export default function main(): void {
  runFirmware("red");
}
