// SPDX-License-Identifier: Apache-2.0

import { crcEnd, crcStart, crcSteps } from "../../core/crc32.js";
import type { Digest } from "../../core/ports.js";
import { checkPart } from "./part.js";
import { hexLittleEndian } from "./words.js";

/** CRC-32 with its lowest byte first, as Guava shows it: "2639f4cb" where others write cbf43926. */
export class Crc32 implements Digest {
  #state = crcStart;

  update(bytes: Uint8Array, start: number, end: number): void {
    checkPart(bytes, start, end);
    this.#state = crcSteps(this.#state, bytes, start, end);
  }

  finish(): string {
    return hexLittleEndian(crcEnd(this.#state));
  }
}
