// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds } from "../core/ports.js";

/** Silence after which a chunk is asked for again; every time it was asked for doubles it. */
const firstTimeout: Milliseconds = 15_000;
const longestTimeout: Milliseconds = 300_000;

const free = -1;

/** The chunks that were asked for and have not come, each with the time since when and how often. */
export class ChunkWindow {
  readonly #clock: Clock;
  readonly #chunks: Int32Array;
  readonly #attempts: Uint8Array;
  readonly #askedAt: Int32Array;
  /** When the last chunk came. While they come, however slowly, nothing is asked for again. */
  #heardAt = 0;
  #count = 0;

  /** `size` is the most that are asked for at once. */
  constructor(clock: Clock, size: number) {
    this.#clock = clock;
    this.#chunks = new Int32Array(size).fill(free);
    this.#attempts = new Uint8Array(size);
    this.#askedAt = new Int32Array(size);
  }

  get size(): number {
    return this.#chunks.length;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#chunks.length;
  }

  has(chunk: number): boolean {
    return this.#chunks.includes(chunk);
  }

  /** A chunk was asked for. It is not in here, and there is room. */
  add(chunk: number): void {
    const at = this.#chunks.indexOf(free);
    if (this.#count === 0) this.#heardAt = this.#clock.ticks();
    this.#chunks[at] = chunk;
    this.#attempts[at] = 1;
    this.#askedAt[at] = this.#clock.ticks();
    this.#count += 1;
  }

  /** A chunk came, whether it was asked for or not: those behind it are on their way. */
  settle(chunk: number): void {
    this.#heardAt = this.#clock.ticks();
    this.delete(chunk);
  }

  /** A chunk is no longer waited for. */
  delete(chunk: number): void {
    const at = this.#chunks.indexOf(chunk);
    if (at < 0) return;
    this.#chunks[at] = free;
    this.#count -= 1;
  }

  clear(): void {
    this.#chunks.fill(free);
    this.#count = 0;
  }

  /** The chunk whose time is up first. -1 where there is none. */
  get mostOverdue(): number {
    let most = free;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.#chunks.length; at += 1) {
      if (this.#chunks[at] === free || this.#remaining(at) >= least) continue;
      least = this.#remaining(at);
      most = this.#chunks[at] as number;
    }
    return most;
  }

  /** Time until a chunk has to be asked for again, 0 or less when that is due. */
  remaining(chunk: number): Milliseconds {
    return this.#remaining(this.#chunks.indexOf(chunk));
  }

  /** A chunk was asked for again; returns how often by now. */
  renew(chunk: number): number {
    const at = this.#chunks.indexOf(chunk);
    const attempts = Math.min(255, (this.#attempts[at] as number) + 1);
    this.#attempts[at] = attempts;
    this.#askedAt[at] = this.#clock.ticks();
    return attempts;
  }

  #remaining(at: number): Milliseconds {
    const timeout = Math.min(longestTimeout, firstTimeout * 2 ** ((this.#attempts[at] as number) - 1));
    const silence = Math.min(this.#clock.elapsed(this.#askedAt[at] as number), this.#clock.elapsed(this.#heardAt));
    return timeout - silence;
  }
}
