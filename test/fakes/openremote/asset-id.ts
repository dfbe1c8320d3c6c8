// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes } from "node:crypto";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idLength = 22;

/** What the id of every asset, and of every pending event, looks like. */
export function isAssetId(text: string | undefined): text is string {
  return text !== undefined && /^[0-9A-Za-z]{22}$/.test(text);
}

export function newId(): string {
  return base62(randomBytes(16));
}

/** The same id for the same name, always. */
export function idOf(name: string): string {
  return base62(createHash("md5").update(name).digest());
}

function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (; rest > 0n; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text;
  return text.padStart(idLength, "0");
}
