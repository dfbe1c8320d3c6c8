// SPDX-License-Identifier: Apache-2.0

/** How a firmware process tells its supervisor why it ended. */
export const exitCodes = Object.freeze({
  stopped: 0,
  /** Wrong command line: starting it again would not help. */
  usage: 2,
  panic: 70,
  restart: 75,
} as const);
