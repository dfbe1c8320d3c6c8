// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../../modules/core/errors.js";
import type { Milliseconds } from "../../../modules/core/ports.js";
import { dataOf, type Received, type Rig } from "./rig.js";

const step: Milliseconds = 50;

export interface FussyOptions {
  /** The server ends the session of whoever publishes such a datum. */
  readonly isPoison?: (datum: Received) => boolean;
  readonly roundTrip?: Milliseconds;
  /** Between two sessions. */
  readonly pause?: Milliseconds;
  /** After this a session ends whatever is published; asked anew for each. */
  readonly lifetime?: () => Milliseconds;
  readonly endsWith?: Reason;
  /** Answers CONNECT and SUBSCRIBE; without, no session is ever live. */
  readonly welcomes?: boolean;
  readonly acknowledges?: boolean;
}

interface Arrival {
  readonly data: readonly Received[];
  readonly at: Milliseconds;
}

/** A server, and the network before it, in the time of a rig. It judges what it gets in order. */
export class FussyServer {
  /** Can be changed while it runs. */
  options: FussyOptions;
  /** Data whose acknowledgement arrived, in order. */
  readonly acknowledged: Received[] = [];
  /** Data that ended a session, one for each. */
  readonly killers: Received[] = [];
  sessions = 0;
  /** Longest time without an acknowledgement so far. */
  longestSilence: Milliseconds = 0;
  readonly #rig: Rig;
  readonly #arrivals: Arrival[] = [];
  #seen = 0;
  #opensAt: Milliseconds = 0;
  #liveAt: Milliseconds = 0;
  #endsAt: Milliseconds = 0;
  #isLive = false;
  #lastAnswer: Milliseconds = 0;

  constructor(rig: Rig, options: FussyOptions = {}) {
    this.#rig = rig;
    this.options = options;
  }

  /** `onStep` is called every 50 ms, with the milliseconds so far. */
  run(span: Milliseconds, onStep: (elapsed: Milliseconds) => void = () => {}): void {
    for (let elapsed = 0; elapsed < span; elapsed += step) {
      onStep(elapsed);
      this.#rig.clock.advance(step);
      if (this.#rig.link.isOpen) this.#serve();
      else if (this.#rig.clock.now >= this.#opensAt) this.#open();
    }
  }

  /** Until nothing is left, a while at the most. */
  finish(span: Milliseconds): void {
    for (let elapsed = 0; elapsed < span && this.#rig.telemetry.depth > 0; elapsed += 1_000) this.run(1_000);
  }

  get #now(): Milliseconds {
    return this.#rig.clock.now;
  }

  get #roundTrip(): Milliseconds {
    return this.options.roundTrip ?? 100;
  }

  #open(): void {
    this.sessions += 1;
    this.#liveAt = this.#now + this.#roundTrip;
    this.#endsAt = this.#now + (this.options.lifetime?.() ?? Number.POSITIVE_INFINITY);
    this.#isLive = false;
    this.#rig.link.open();
  }

  #serve(): void {
    if (this.#now >= this.#endsAt) {
      this.#close();
      return;
    }
    if (!this.#isLive && this.#now >= this.#liveAt && this.options.welcomes !== false) {
      this.#isLive = true;
      this.#rig.link.live();
    }
    this.#takeNew();
    for (let next = this.#arrivals[0]; next !== undefined && next.at <= this.#now; next = this.#arrivals[0]) {
      const killer = next.data.find((datum) => this.options.isPoison?.(datum));
      if (killer !== undefined) {
        this.killers.push(killer);
        this.#close();
        return;
      }
      if (this.options.acknowledges === false) return;
      this.#arrivals.shift();
      this.acknowledged.push(...next.data);
      this.longestSilence = Math.max(this.longestSilence, this.#now - this.#lastAnswer);
      this.#lastAnswer = this.#now;
      this.#rig.link.acknowledge(1);
      this.#takeNew();
    }
  }

  #takeNew(): void {
    const { published } = this.#rig.link;
    for (const message of published.slice(this.#seen))
      this.#arrivals.push({ data: dataOf(message), at: this.#now + this.#roundTrip });
    this.#seen = published.length;
  }

  #close(): void {
    this.#takeNew();
    this.#arrivals.length = 0;
    this.#opensAt = this.#now + (this.options.pause ?? 1_000);
    this.#rig.link.close(this.options.endsWith ?? "connection-closed");
  }
}
