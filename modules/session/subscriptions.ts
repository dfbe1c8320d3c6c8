// SPDX-License-Identifier: Apache-2.0

import { Backoff } from "../core/backoff.js";
import type { Clock, Text, Timer } from "../core/ports.js";
import type { MqttClient } from "../mqtt/client.js";
import { Filter } from "./filter.js";
import type { Subscription } from "./link.js";
import type { Report } from "./report.js";

/** More than all features together need. */
export const maxSubscriptions = 64;
export const maxFilterLength = 255;

const unsent = -1;
const answered = 0;
const refused = -2;

export interface SubscriptionsOptions {
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly report: Report;
}

/** The subscriptions of the device: declared once, made anew at every connect, and slowly again where they are refused. */
export class Subscriptions {
  readonly #text: Text;
  readonly #report: Report;
  readonly #handlers: Subscription[] = [];
  readonly #filters: Filter[] = [];
  /** Handlers whose filter no earlier one has: what SUBSCRIBE lists. */
  readonly #listed: Subscription[] = [];
  /** Per listed one: the packet identifier of the SUBSCRIBE that is not answered yet, `unsent`, `answered` or `refused`. */
  readonly #pending: number[] = [];
  readonly #retryTimer: Timer;
  readonly #retryBackoff: Backoff;

  /** `onUnsent`: what the server refused is to be sent again. */
  constructor(options: SubscriptionsOptions, onUnsent: () => void) {
    this.#text = options.text;
    this.#report = options.report;
    this.#retryTimer = options.clock.timer(() => {
      this.#forgetRefusals();
      onUnsent();
    });
    this.#retryBackoff = new Backoff(options.random, 30_000, 900_000);
  }

  /** Distinct filters. */
  get count(): number {
    return this.#listed.length;
  }

  /** Throws `TypeError` or `RangeError` for what is no subscription, and `RangeError` over 64 of them. */
  add(subscription: Subscription): void {
    if (typeof subscription.filter !== "string") throw new TypeError("filter: not a string");
    if (typeof subscription.onMessage !== "function") throw new TypeError("onMessage: not a function");
    if (subscription.QoS !== 0 && subscription.QoS !== 1) throw new RangeError("QoS: neither 0 nor 1");
    if (this.#text.byteLength(subscription.filter) > maxFilterLength)
      throw new RangeError(`filter: over ${maxFilterLength} bytes`);
    if (this.#handlers.length === maxSubscriptions)
      throw new RangeError(`subscribe: over ${maxSubscriptions} subscriptions`);
    const filter = new Filter(subscription.filter);
    const isNew = !this.#listed.some((listed) => listed.filter === subscription.filter);
    this.#handlers.push(subscription);
    this.#filters.push(filter);
    if (!isNew) return;
    this.#listed.push(subscription);
    this.#pending.push(unsent);
  }

  /** The connection is over: the next server knows nothing. */
  reset(): void {
    this.#retryTimer.stop();
    this.#retryBackoff.reset();
    this.#pending.fill(unsent);
  }

  get isSent(): boolean {
    return !this.#pending.includes(unsent);
  }

  /** The server answered for every filter, if only by a refusal. */
  get isAnswered(): boolean {
    return this.#pending.every((state) => state === answered || state === refused);
  }

  isPending(id: number): boolean {
    return this.#pending.includes(id);
  }

  /** Sends what was not sent yet, in as few packets as there is room for; the rest waits for the client's `onWritable`. */
  send(client: MqttClient, ids: { nextId(): number }): void {
    for (let first = this.#pending.indexOf(unsent); first >= 0; ) {
      const id = ids.nextId();
      const count = client.subscribe(id, this.#listed, first, this.#endOfUnsent(first));
      if (count === 0) return;
      this.#pending.fill(id, first, first + count);
      first = this.#pending.indexOf(unsent);
    }
  }

  /** Takes back as many as there is room for; the connection ends next. */
  withdraw(client: MqttClient, ids: { nextId(): number }): void {
    for (const { filter } of this.#listed) if (!client.unsubscribe(ids.nextId(), [{ filter, QoS: 0 }])) return;
  }

  #endOfUnsent(first: number): number {
    let end = first + 1;
    while (this.#pending[end] === unsent) end += 1;
    return end;
  }

  /** A SUBACK came. A code that is missing counts as a refusal. */
  settle(id: number, codes: Uint8Array, byteLength: number): void {
    let index = 0;
    const isRetrying = this.#pending.includes(refused);
    for (let listed = 0; listed < this.#pending.length; listed += 1) {
      if (this.#pending[listed] !== id) continue;
      const code = index < byteLength ? (codes[index] as number) : 0x80;
      index += 1;
      this.#pending[listed] = code === 0x80 ? refused : answered;
      if (code !== 0x80) continue;
      this.#report.onRefused((this.#listed[listed] as Subscription).filter);
    }
    if (!isRetrying && this.#pending.includes(refused)) this.#retryTimer.start(this.#retryBackoff.next());
  }

  #forgetRefusals(): void {
    for (let listed = 0; listed < this.#pending.length; listed += 1) {
      if (this.#pending[listed] === refused) this.#pending[listed] = unsent;
    }
  }

  /** Hands the message to every handler whose filter matches; false when there is none. */
  dispatch(topic: string, payload: Uint8Array, byteLength: number): boolean {
    let isKnown = false;
    for (let index = 0; index < this.#filters.length; index += 1) {
      if (!(this.#filters[index] as Filter).matches(topic)) continue;
      isKnown = true;
      try {
        (this.#handlers[index] as Subscription).onMessage(topic, payload, byteLength);
      } catch (error) {
        this.#report.onFailed(error);
      }
    }
    return isKnown;
  }
}
