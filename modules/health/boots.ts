// SPDX-License-Identifier: Apache-2.0

import type { FailureLog } from "../core/failure-log.js";
import { describeError } from "../core/failure-log.js";
import type { KeyValueStore } from "../core/ports.js";

const key = "boots";
const byteLength = 4;

/**
 * Counts this boot in the store and returns how many there were with it, wrapping around after 2^32; undefined where that cannot
 * be kept. One write per boot.
 */
export function countBoot(store: KeyValueStore, failures: FailureLog): number | undefined {
  try {
    const last = store.read(key);
    const count = last === undefined ? 1 : (readCount(last) + 1) >>> 0;
    const bytes = new Uint8Array(byteLength);
    for (let at = 0; at < byteLength; at += 1) bytes[at] = count >>> (8 * at);
    store.write(key, bytes);
    return count;
  } catch (error) {
    failures.add("storage-failed", describeError(error));
    return undefined;
  }
}

/** Begins anew with what is no count. */
function readCount(bytes: Uint8Array): number {
  if (bytes.length !== byteLength) return 0;
  let count = 0;
  for (let at = byteLength - 1; at >= 0; at -= 1) count = count * 256 + (bytes[at] as number);
  return count;
}
