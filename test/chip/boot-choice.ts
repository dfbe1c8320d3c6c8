// SPDX-License-Identifier: Apache-2.0
// The format of ESP-IDF's `otadata` (esp_ota_select_entry_t). Of its two sectors that with the higher number holds.

import { crc32 } from "node:zlib";

const entrySize = 32;
const stateAt = 24;
const checkAt = 28;

/** Of an image: to be tried, tried at present, kept, and one that was never asked for proof. */
export const imageStates = { new: 0, pending: 1, valid: 2, undefined: 0xffff_ffff };

/** A sector of `otadata`, without the erased rest of it. Number 1 chooses ota_0, 2 ota_1, 3 ota_0 again. */
export function bootChoice(sequence: number, state: number): Buffer {
  const entry = Buffer.alloc(entrySize, 0xff);
  entry.writeUInt32LE(sequence, 0);
  entry.writeUInt32LE(state, stateAt);
  // The check is of the number alone, and begins with a register of zeros.
  entry.writeUInt32LE(crc32(entry.subarray(0, 4), 0xffff_ffff), checkAt);
  return entry;
}
