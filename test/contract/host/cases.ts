// SPDX-License-Identifier: Apache-2.0

import { applicationSlotCases } from "./application-slot-cases.js";
import { bootLoaderCases } from "./boot-loader-cases.js";
import type { HostCase } from "./case.js";
import { clockCases } from "./clock-cases.js";
import { digestCases } from "./digest-cases.js";
import { flashCases } from "./flash-cases.js";
import { platformCases } from "./platform-cases.js";
import { signatureCases } from "./signature-cases.js";
import { socketCases } from "./socket-cases.js";
import { storageCases } from "./storage-cases.js";
import { textCases } from "./text-cases.js";
import { tlsCases } from "./tls-cases.js";
import { tlsRefusalCases } from "./tls-refusal-cases.js";

/** What a host owes the firmware that does without TLS. */
export const plainCases: readonly HostCase[] = [
  ...clockCases,
  ...textCases,
  ...storageCases,
  ...flashCases,
  ...bootLoaderCases,
  ...applicationSlotCases,
  ...digestCases,
  ...socketCases,
  ...platformCases,
];

/** Everything a host owes the firmware. */
export const hostCases: readonly HostCase[] = [...plainCases, ...tlsCases, ...tlsRefusalCases, ...signatureCases];
