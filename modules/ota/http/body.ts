// SPDX-License-Identifier: Apache-2.0

/** Hex digits of the length of a chunk: up to 4 GiB. */
const maxSizeDigits = 8;
/** Chunk extensions are for nobody; they are passed over, but not for ever. */
const maxExtensionLength = 256;

const notANumber = "the length of a chunk is no number";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

type Part = "size" | "extension" | "size-return" | "data" | "data-end" | "data-return" | "over";

/** What of a body's bytes is data: with transfer coding "chunked" (RFC 9112 §7.1) there are lengths between, otherwise all is. */
export class Body {
  /** What is wrong with it, for people; terminal. */
  problem: string | undefined;
  #part: Part;
  /** Bytes of data that follow next. */
  #left: number;
  #size = 0;
  #digits = 0;
  #extensionLength = 0;

  constructor(isChunked: boolean) {
    this.#part = isChunked ? "size" : "data";
    this.#left = isChunked ? 0 : Number.POSITIVE_INFINITY;
  }

  /** The last chunk was before. */
  get isOver(): boolean {
    return this.#part === "over";
  }

  /** Bytes that follow next and are data; more may come after them. */
  get left(): number {
    return this.#part === "data" ? this.#left : 0;
  }

  /** `count` bytes of data were taken, no more than are `left`. */
  consume(count: number): void {
    this.#left -= count;
    if (this.#part === "data" && this.#left === 0) this.#part = "data-end";
  }

  /** Takes bytes from `start` that are no data, up to the next that are; returns how many. */
  frame(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#part !== "data" && this.#part !== "over" && this.problem === undefined) {
      this.#take(bytes[at] as number);
      at += 1;
    }
    return at - start;
  }

  #take(byte: number): void {
    if (this.#part === "size") this.#takeSize(byte);
    else if (this.#part === "extension") this.#takeExtension(byte);
    else if (this.#part === "data-end" && byte === carriageReturn) this.#part = "data-return";
    else if (this.#part !== "data-end" && byte === lineFeed) this.#endLine();
    else this.problem = "a chunk is not as long as it says";
  }

  #takeSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.#digits < maxSizeDigits) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
    } else if (digit >= 0 || this.#digits === 0) this.problem = notANumber;
    else if (byte === carriageReturn) this.#part = "size-return";
    else if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.#part = "extension";
    else this.problem = notANumber;
  }

  #takeExtension(byte: number): void {
    this.#extensionLength += 1;
    if (byte === carriageReturn) this.#part = "size-return";
    else if (this.#extensionLength > maxExtensionLength) this.problem = "a chunk extension is too long";
  }

  #endLine(): void {
    if (this.#part === "data-return") {
      this.#part = "size";
    } else {
      this.#left = this.#size;
      this.#part = this.#size === 0 ? "over" : "data";
    }
    this.#size = 0;
    this.#digits = 0;
    this.#extensionLength = 0;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
