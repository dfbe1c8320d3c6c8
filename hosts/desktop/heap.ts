// SPDX-License-Identifier: Apache-2.0

/** The machine's memory without garbage. Counts carry over to a chip, bytes do not: a slot takes 32 bytes here, 16 there. */
export interface HeapFigures {
  readonly slots: number;
  /** Bytes of strings, buffers, arrays and bytecode, with their headers. */
  readonly chunks: number;
  /** Entries of the key table: property names and symbols, never collected on a chip. */
  readonly keys: number;
}

const slotBytes = 32;
const pointerBytes = 8;
/** Every section of a snapshot begins with its length, big-endian, and four letters. */
const headBytes = 8;

/** Measures the sections of the snapshots that the engine writes, without keeping them. */
export class HeapReader {
  #pending: { readonly resolve: (figures: HeapFigures) => void; readonly reject: (error: Error) => void } | undefined;
  readonly #sections = new Map<string, number>();
  #head = Buffer.alloc(0);
  #received = 0;
  #skip = 0;
  #expected = Number.POSITIVE_INFINITY;

  /** The figures of the snapshot that begins now. One at a time. */
  next(): Promise<HeapFigures> {
    this.#sections.clear();
    this.#received = 0;
    this.#expected = Number.POSITIVE_INFINITY;
    const figures = new Promise<HeapFigures>((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
    // Its owner may still be waiting for the engine's answer when it fails.
    figures.catch(() => undefined);
    return figures;
  }

  /** Says how long the snapshot is, which the engine tells only after it wrote it. */
  expect(length: number): void {
    this.#expected = length;
    this.#settle();
  }

  fail(error: Error): void {
    this.#pending?.reject(error);
  }

  push(bytes: Buffer): void {
    this.#received += bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = this.#readHead(rest.subarray(skipped));
    }
    this.#settle();
  }

  #readHead(bytes: Buffer): Buffer {
    const missing = headBytes - this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, missing)]);
    if (this.#head.length < headBytes) return bytes.subarray(bytes.length);
    const length = this.#head.readUInt32BE(0);
    const name = this.#head.toString("latin1", 4);
    this.#head = Buffer.alloc(0);
    // The outermost section holds all the others.
    if (name !== "XS_M") {
      this.#sections.set(name, length - headBytes);
      this.#skip = length - headBytes;
    }
    return bytes.subarray(missing);
  }

  #settle(): void {
    if (this.#received < this.#expected) return;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve({
      slots: (this.#sections.get("HEAP") ?? 0) / slotBytes,
      chunks: this.#sections.get("BLOC") ?? 0,
      keys: (this.#sections.get("KEYS") ?? 0) / pointerBytes,
    });
  }
}
