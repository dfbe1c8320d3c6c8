/**
 * Watches the sizes that packets announce, without keeping their bytes: the parser would collect a packet of 256 MB
 * before anybody could look at it.
 */
export class PacketSizeGuard {
  readonly #maxSize: number;
  /** Bytes of the current packet's body still to come; undefined while its header is read. */
  #body: number | undefined;
  #headerBytes = 0;
  #length = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** @returns whether all packets announced so far are small enough */
  accepts(chunk: Uint8Array): boolean {
    let position = 0;
    while (position < chunk.length) {
      if (this.#body === undefined) {
        this.#readHeader(chunk[position++] ?? 0);
        if (this.#length > this.#maxSize) return false;
      } else {
        const skipped = Math.min(this.#body, chunk.length - position);
        position += skipped;
        this.#body -= skipped;
      }
      if (this.#body === 0) this.#reset();
    }
    return true;
  }

  #readHeader(byte: number): void {
    const index = this.#headerBytes++;
    if (index === 0) return;
    this.#length += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) === 0) this.#body = this.#length;
  }

  #reset(): void {
    this.#body = undefined;
    this.#headerBytes = 0;
    this.#length = 0;
  }
}
