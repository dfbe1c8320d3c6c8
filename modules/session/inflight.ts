// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import type { Publisher } from "./link.js";
import type { Report } from "./report.js";

export interface InflightOptions {
  readonly clock: Clock;
  /** Publishes that may wait for their acknowledgement at once, 1 to 100. */
  readonly window: number;
  readonly acknowledgeTimeout: Milliseconds;
  /** Who else uses packet identifiers. */
  readonly others: { isPending(id: number): boolean };
  /** The oldest publish was not acknowledged in time. */
  onTimeout(): void;
  readonly report: Report;
}

/** The QoS 1 ledger of a session: which publish waits for which PUBACK. Everything is allocated at construction. */
export class Inflight {
  readonly #options: InflightOptions;
  readonly #timer: Timer;
  /** Packet identifier per slot, 0 while it is free. */
  readonly #ids: Uint16Array;
  readonly #publishers: (Publisher | undefined)[];
  readonly #tokens: number[];
  readonly #sentAt: number[];
  #limit: number;
  #count = 0;
  #isHeld = false;
  #lastId = 0;

  constructor(options: InflightOptions) {
    const window = options.window;
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#onTimer());
    this.#ids = new Uint16Array(window);
    this.#publishers = new Array(window).fill(undefined);
    this.#tokens = new Array(window).fill(0);
    this.#sentAt = new Array(window).fill(0);
    this.#limit = window;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#isHeld || this.#count >= this.#limit;
  }

  /** Narrows the window to what the server takes; undefined makes it whole again. */
  limit(max: number | undefined): void {
    this.#limit = Math.max(1, Math.min(this.#ids.length, max ?? this.#ids.length));
  }

  /** A packet identifier, 1 to 65535, that nothing in flight has. */
  nextId(): number {
    do this.#lastId = this.#lastId === 65_535 ? 1 : this.#lastId + 1;
    while (this.#ids.includes(this.#lastId) || this.#options.others.isPending(this.#lastId));
    return this.#lastId;
  }

  /** Only while not full. */
  add(id: number, publisher: Publisher, token: number): void {
    const slot = this.#ids.indexOf(0);
    this.#ids[slot] = id;
    this.#publishers[slot] = publisher;
    this.#tokens[slot] = token;
    this.#sentAt[slot] = this.#options.clock.ticks();
    this.#count += 1;
    if (this.#count === 1) this.#timer.start(this.#options.acknowledgeTimeout);
  }

  /**
   * A PUBACK came; one that nobody waits for is passed over. With `isHeld` it is full while the publisher is told: what comes
   * free belongs to those who wait for room.
   */
  settle(id: number, isHeld = false): void {
    const slot = id === 0 ? -1 : this.#ids.indexOf(id);
    if (slot < 0) return;
    const publisher = this.#release(slot);
    this.#isHeld = isHeld;
    try {
      publisher?.onAcknowledged(this.#tokens[slot] as number);
    } catch (error) {
      this.#options.report.onFailed(error);
    } finally {
      this.#isHeld = false;
    }
  }

  /** The session is over. Oldest first, so that what is published again keeps its order. */
  loseAll(): void {
    for (let isOldest = true; this.#count > 0; isOldest = false) {
      const slot = this.#oldest();
      const publisher = this.#release(slot);
      try {
        publisher?.onLost(this.#tokens[slot] as number, isOldest);
      } catch (error) {
        this.#options.report.onFailed(error);
      }
    }
  }

  #release(slot: number): Publisher | undefined {
    const publisher = this.#publishers[slot];
    this.#ids[slot] = 0;
    this.#publishers[slot] = undefined;
    this.#count -= 1;
    if (this.#count === 0) this.#timer.stop();
    return publisher;
  }

  /** By identifier, which counts upwards and wraps around: of those in flight it was given out the longest ago. */
  #oldest(): number {
    let oldest = -1;
    let age = -1;
    for (let slot = 0; slot < this.#ids.length; slot += 1) {
      const id = this.#ids[slot] as number;
      const slotAge = (this.#lastId - id) & 0xffff;
      if (id === 0 || slotAge <= age) continue;
      oldest = slot;
      age = slotAge;
    }
    return oldest;
  }

  #onTimer(): void {
    const age = this.#options.clock.elapsed(this.#sentAt[this.#oldest()] as number);
    const left = this.#options.acknowledgeTimeout - age;
    if (left > 0) this.#timer.start(left);
    else this.#options.onTimeout();
  }
}
