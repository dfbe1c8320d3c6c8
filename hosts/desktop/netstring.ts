// SPDX-License-Identifier: Apache-2.0

const colon = 0x3a;
const comma = 0x2c;

/** D. J. Bernstein's netstrings: "length:bytes,". */
export function encodeNetstring(prefix: string, bytes: Uint8Array): Buffer {
  const head = Buffer.from(`${prefix.length + bytes.length}:${prefix}`);
  return Buffer.concat([head, bytes, Buffer.from(",")]);
}

/** Takes bytes as they come and gives whole messages. Throws `RangeError` for bytes that are no netstring. */
export class NetstringDecoder {
  readonly #onMessage: (message: Buffer) => void;
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes that complete the message under way, head and comma included; 0 while the head is incomplete. */
  #needed = 0;

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length < this.#needed) return;
    let rest = Buffer.concat(this.#pieces);
    for (let message = this.#split(rest); message !== undefined; message = this.#split(rest)) {
      rest = rest.subarray(this.#needed);
      this.#needed = 0;
      this.#onMessage(message);
    }
    this.#pieces = [rest];
    this.#length = rest.length;
  }

  #split(bytes: Buffer): Buffer | undefined {
    const head = bytes.subarray(0, 11).indexOf(colon);
    if (head < 0) {
      if (bytes.length > 10) throw new RangeError("netstring without a length");
      return undefined;
    }
    const length = Number(bytes.toString("latin1", 0, head));
    if (!Number.isInteger(length)) throw new RangeError("netstring with a malformed length");
    this.#needed = head + 1 + length + 1;
    if (bytes.length < this.#needed) return undefined;
    if (bytes[this.#needed - 1] !== comma) throw new RangeError("netstring without its comma");
    return bytes.subarray(head + 1, head + 1 + length);
  }
}
