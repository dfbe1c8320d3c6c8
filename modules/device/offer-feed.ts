// SPDX-License-Identifier: Apache-2.0

import type { AttributeReader, AttributeScope } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { Backoff } from "../core/backoff.js";
import type { Milliseconds, Timer } from "../core/ports.js";
import type { Participant } from "../session/link.js";
import type { DeviceAttributes } from "./device-attributes.js";
import type { Parts } from "./parts.js";

/** The platform tells of an offer in several messages, in any order. */
const settlingTime: Milliseconds = 200;

const answerTimeout: Milliseconds = 10_000;

/** Between two attempts to ask. */
const firstPause: Milliseconds = 5_000;
const longestPause: Milliseconds = 300_000;

/**
 * Keeps up with what the server offers: asks for all of the attributes after every connect, because the platform tells of a change
 * only once, and whenever it tells of any of them, because it tells of parts.
 */
export class OfferFeed implements Participant, AttributeReader {
  readonly #attributes: DeviceAttributes;
  readonly #names: readonly string[];
  readonly #onAnswer: (values: ReadonlyMap<string, Json>) => void;
  readonly #timer: Timer;
  readonly #backoff: Backoff;
  #isLive = false;
  #isAsking = false;
  /** A change was told while the answer was on its way: that may be older. */
  #isStale = false;

  /** Construct it before the session starts. `onAnswer` gets what the server has of `names`. */
  constructor(
    parts: Parts,
    attributes: DeviceAttributes,
    names: readonly string[],
    onAnswer: (values: ReadonlyMap<string, Json>) => void,
  ) {
    const { clock, random, link, dialect } = parts;
    this.#attributes = attributes;
    this.#names = names;
    this.#onAnswer = onAnswer;
    this.#timer = clock.timer(() => this.#onTimer());
    this.#backoff = new Backoff(random, firstPause, longestPause);
    link.subscribe({
      filter: dialect.attributes.updateFilter,
      QoS: 1,
      // What is not understood is counted elsewhere: the filter is that of all shared attributes.
      onMessage: (topic, payload, byteLength) => void dialect.attributes.readUpdate(topic, payload, byteLength, this),
    });
    link.join(this);
  }

  onOpen(): void {}

  onLive(): void {
    this.#isLive = true;
    this.#backoff.reset();
    this.ask();
  }

  onClosed(): void {
    this.#isLive = false;
    this.#timer.stop();
  }

  onRoom(): void {}

  onValue(_scope: AttributeScope, name: string): void {
    this.#onNamed(name);
  }

  onDeleted(name: string): void {
    this.#onNamed(name);
  }

  /** Asks now. Of no effect while there is no session, or the last answer has not come. */
  ask(): void {
    this.#timer.stop();
    if (!this.#isLive || this.#isAsking) return;
    this.#isAsking = true;
    this.#isStale = false;
    this.#attributes.request({ shared: this.#names }, { timeout: answerTimeout }, (_reason, values) => {
      this.#isAsking = false;
      if (values !== undefined) {
        this.#backoff.reset();
        this.#onAnswer(values.shared);
        if (this.#isStale) this.ask();
      } else if (this.#isLive) {
        this.#timer.start(this.#backoff.next());
      }
    });
  }

  #onTimer(): void {
    if (this.#isAsking) this.#isStale = true;
    else this.ask();
  }

  #onNamed(name: string): void {
    if (this.#isLive && this.#names.includes(name)) this.#timer.start(settlingTime);
  }
}
