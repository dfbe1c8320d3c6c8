// SPDX-License-Identifier: Apache-2.0

import { runFirmware } from "./firmware.js";

/** What is on trial here has little time. */
export default function main(): void {
  runFirmware("impatient", { ota: { trialDeadline: 10_000 } });
}
