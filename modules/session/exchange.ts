// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "./link.js";

/** Refusals wait for the next turn of the loop; who asks this often without a pause has a mistake in its own loop. */
const maxRefused = 32;

const lastId = 0x7fff_ffff;

/** 12 days: half the span that `Clock.elapsed` can tell, so that a timer that comes late is still told from an early one. */
const maxTimeout: Milliseconds = 0x3fff_ffff;

/** Of a request: its answer may overtake the acknowledgement, and without either the session ends, so that this tells nothing more. */
export const indifferent: Publisher = Object.freeze({ onAcknowledged() {}, onLost() {} });

export interface ExchangeOptions<Item> {
  readonly link: Link;
  readonly clock: Clock;
  /** Requests that wait for room or for their answer at one time, 1 to 64. */
  readonly maxPending: number;
  /** Publishes a request: true when it is on its way, false when there is no room yet, a reason when it can never be sent. */
  readonly send: (id: number, item: Item) => boolean | Reason;
  /** The request came to nothing. Never called inside `request`. Must not throw. */
  readonly fail: (item: Item, reason: Reason) => void;
}

interface Entry<Item> {
  readonly id: number;
  readonly item: Item;
  readonly since: number;
  readonly timeout: Milliseconds;
  isSent: boolean;
  refusal: Reason | undefined;
}

/**
 * Matches answers with requests by an id. Each request ends exactly once: it is taken by its answer, or it fails with
 * "request-timeout", with "request-cancelled" when the session ends after it was sent, with "too-many-requests" when
 * `maxPending` others wait, or with the reason of `send`. A request made while there is no session waits for one.
 */
export class Exchange<Item> implements Participant {
  readonly #options: ExchangeOptions<Item>;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #pending = new Map<number, Entry<Item>>();
  #refused: Entry<Item>[] = [];
  #nextId = 0;
  #newestId = -1;

  constructor(options: ExchangeOptions<Item>) {
    const { maxPending } = options;
    if (!Number.isInteger(maxPending) || maxPending < 1 || maxPending > 64)
      throw new RangeError("maxPending: not an integer from 1 to 64");
    this.#options = options;
    this.#clock = options.clock;
    this.#timer = options.clock.timer(() => this.#onTimer());
    options.link.join(this);
  }

  /** `timeout` is 1 ms to 12 days; throws `RangeError` otherwise, and for more than 32 refused requests in one turn. */
  request(item: Item, timeout: Milliseconds): void {
    if (!(timeout >= 1 && timeout <= maxTimeout)) throw new RangeError(`timeout: not 1 to ${maxTimeout} ms`);
    const entry: Entry<Item> = {
      id: this.#nextId,
      item,
      since: this.#clock.ticks(),
      timeout,
      isSent: false,
      refusal: undefined,
    };
    if (this.#pending.size >= this.#options.maxPending) {
      if (this.#refused.length >= maxRefused) throw new RangeError(`requests: ${maxRefused} were refused in this turn`);
      this.#refuse(entry, "too-many-requests");
      this.#schedule();
      return;
    }
    this.#newestId = entry.id;
    this.#nextId = entry.id === lastId ? 0 : entry.id + 1;
    this.#pending.set(entry.id, entry);
    this.#sendAll();
    this.#schedule();
  }

  /** The request that is answered, which is thereby over; undefined when no request waits for this id. */
  take(id: number): Item | undefined {
    const entry = this.#pending.get(id);
    if (!entry?.isSent) return undefined;
    this.#pending.delete(id);
    this.#schedule();
    return entry.item;
  }

  /** Was this id ever given out? Then its answer is late or a repetition, else it belongs to somebody else. */
  isOwn(id: number): boolean {
    return id >= 0 && id <= this.#newestId;
  }

  onOpen(): void {
    this.#sendAll();
  }

  onLive(): void {}

  onRoom(): void {
    this.#sendAll();
  }

  onClosed(): void {
    for (const entry of this.#pending.values()) {
      if (entry.isSent) this.#refuse(entry, "request-cancelled");
    }
    this.#schedule();
  }

  /** In the order of the requests, and only as far as there is room. */
  #sendAll(): void {
    if (!this.#options.link.isOpen) return;
    for (const entry of this.#pending.values()) {
      if (entry.isSent) continue;
      const outcome = this.#options.send(entry.id, entry.item);
      if (outcome === false) return;
      entry.isSent = true;
      if (outcome !== true) this.#refuse(entry, outcome);
    }
    this.#schedule();
  }

  /** The failure is reported in the next turn, so that no callback runs inside the call that caused it. */
  #refuse(entry: Entry<Item>, reason: Reason): void {
    this.#pending.delete(entry.id);
    entry.refusal = reason;
    this.#refused.push(entry);
  }

  #onTimer(): void {
    const refused = this.#refused;
    this.#refused = [];
    for (const entry of refused) this.#options.fail(entry.item, entry.refusal ?? "request-cancelled");
    for (const entry of this.#pending.values()) {
      if (this.#remaining(entry) > 0) continue;
      this.#pending.delete(entry.id);
      this.#options.fail(entry.item, "request-timeout");
    }
    this.#schedule();
  }

  #schedule(): void {
    let soonest = this.#refused.length > 0 ? 0 : Number.POSITIVE_INFINITY;
    for (const entry of this.#pending.values()) soonest = Math.min(soonest, this.#remaining(entry));
    if (soonest === Number.POSITIVE_INFINITY) this.#timer.stop();
    else this.#timer.start(Math.max(0, soonest));
  }

  #remaining(entry: Entry<Item>): Milliseconds {
    return entry.timeout - this.#clock.elapsed(entry.since);
  }
}
