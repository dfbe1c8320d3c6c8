// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "../core/ports.js";

/** Bytes kept free of PUBLISH and SUBSCRIBE, so that acknowledgements and pings are not shut out by data: eight PUBACK. */
export const controlReserve = 32;

/**
 * Packets on their way to the socket. A packet enters whole or not at all; it leaves in as many pieces as the socket takes.
 */
export class Transmit {
  readonly bytes: Uint8Array;
  #start = 0;
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  /** Bytes that are free, the reserve included. */
  get free(): number {
    return this.bytes.length - (this.#end - this.#start);
  }

  /** Free for data. */
  get room(): number {
    return Math.max(0, this.free - controlReserve);
  }

  /** Sets `size` bytes aside, at the offset returned. The caller has looked at `free` or `room` and fills them all. */
  claim(size: number): number {
    if (this.#end + size > this.bytes.length) {
      this.bytes.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const offset = this.#end;
    this.#end += size;
    return offset;
  }

  /** Hands over what a socket takes that can take `writable` bytes; returns what it can still take. Throws what the socket throws. */
  drain(socket: Socket, writable: number): number {
    let takes = writable;
    while (takes > 0 && !this.isEmpty) {
      const count = Math.min(takes, this.#end - this.#start);
      takes = socket.write(this.bytes, this.#start, count);
      this.#start += count;
    }
    if (this.isEmpty) {
      this.#start = 0;
      this.#end = 0;
    }
    return takes;
  }
}
