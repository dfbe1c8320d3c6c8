// SPDX-License-Identifier: Apache-2.0
// The platform of main.ts inside the XS machine.

import type { Host } from "../../../modules/core/ports.js";
import { Board } from "./board.js";

export const board = new Board();

export function createHost(): Host {
  return board.host;
}

/** The configuration, yet to be validated by `Device`. */
export function settings(): unknown {
  return board.settings;
}
