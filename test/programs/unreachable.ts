// SPDX-License-Identifier: Apache-2.0

import { runFirmware } from "./firmware.js";

/** Looks for its server where there is none. */
export default function main(): void {
  runFirmware("unreachable", { server: { host: "127.0.0.1", port: 1 }, ota: { trialDeadline: 10_000 } });
}
