// SPDX-License-Identifier: Apache-2.0

/** Received bytes in the pieces in which they came, read in order. */
export class ReceiveBuffer {
  readonly #pieces: Uint8Array[] = [];
  #start = 0;
  #unread = 0;

  get unread(): number {
    return this.#unread;
  }

  append(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#unread += piece.length;
  }

  /** Moves up to `length` bytes to `into[offset]`; returns how many. */
  read(into: Uint8Array, offset: number, length: number): number {
    let count = 0;
    for (let piece = this.#pieces[0]; piece !== undefined && count < length; piece = this.#pieces[0]) {
      const end = Math.min(piece.length, this.#start + length - count);
      into.set(piece.subarray(this.#start, end), offset + count);
      count += end - this.#start;
      this.#start = end;
      if (end < piece.length) break;
      this.#pieces.shift();
      this.#start = 0;
    }
    this.#unread -= count;
    return count;
  }
}
