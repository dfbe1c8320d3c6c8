// SPDX-License-Identifier: Apache-2.0

/** 64 of them, so that each takes 6 random bits. */
const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** ThingsBoard's own are as long. */
const length = 20;

/** An access token of 120 random bits. `random` gives unsigned 32-bit numbers. */
export function randomToken(random: () => number): string {
  let token = "";
  for (let index = 0; index < length; index += 1) token += characters.charAt(random() >>> 26);
  return token;
}
