// SPDX-License-Identifier: Apache-2.0
// What every MQTT client of the project does, byte by byte. Data only: it runs wherever `driver.ts` runs.

import { connecting, pipelining } from "./connecting-cases.js";
import type { ContractCase } from "./driver.js";
import { ending, keepingAlive } from "./ending-cases.js";
import { malformed } from "./malformed-cases.js";
import { receiving } from "./receiving-cases.js";
import { sending } from "./sending-cases.js";

export const cases: readonly ContractCase[] = [
  ...connecting,
  ...pipelining,
  ...receiving,
  ...sending,
  ...keepingAlive,
  ...ending,
  ...malformed,
];
