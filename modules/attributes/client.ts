// SPDX-License-Identifier: Apache-2.0

import type { AttributesDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { copyJson, isSameJson } from "../cloud/json-value.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { checkName } from "../cloud/names.js";
import { mayBeDenial } from "../core/denial.js";
import type { Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Text, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";

export interface ClientAttributesOptions {
  readonly link: Link;
  readonly dialect: AttributesDialect;
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  /** Distinct names, 1 to 255. Default 64. */
  readonly maxNames?: number;
  /** Names that always have room besides: what the device itself has to tell is not kept back by a program that tells a lot. */
  readonly reserved?: readonly string[];
  /** Bytes of one message, and so of one attribute, 64 to 8,192. Default 1,024, kept as XS heap. */
  readonly maxMessageBytes?: number;
}

/** Sessions that must end for an attribute, without an acknowledgement in between, before it is left alone. */
const strikesToRefuse = 3;

/** What the end of a session proves that was not live yet: the server may be out of order. */
const strikeBeforeLive = 0.25;

/** How often an attribute that the platform refuses is looked at again: it may do so no longer. */
const refusalPoll: Milliseconds = 60_000;

class Attribute {
  readonly name: string;
  wanted: Json;
  /** Bytes of `"name":value`. */
  byteLength: number;
  /** What the server has for certain, undefined while nobody knows. */
  acknowledged: Json | undefined = undefined;
  /** What is on its way, undefined while nothing is. */
  sent: Json | undefined = undefined;
  isTooLarge = false;
  /** Sessions that ended while it was what the server had to answer next, since it was last acknowledged. */
  strikes = 0;

  constructor(name: string, wanted: Json, byteLength: number) {
    this.name = name;
    this.wanted = wanted;
    this.byteLength = byteLength;
  }

  get isDue(): boolean {
    if (this.isTooLarge || this.sent !== undefined) return false;
    return this.acknowledged === undefined || !isSameJson(this.acknowledged, this.wanted);
  }
}

/**
 * The attributes a device states about itself. Each is sent when it differs from what the server acknowledged, several
 * together where they fit, one message on its way at a time. Only the latest value of each is kept. What a server acknowledged
 * and lost all the same, it gets at the next change or after the next restart of the device.
 */
export class ClientAttributes {
  /** Attributes that could not be sent, by reason. */
  readonly failures: FailureLog;
  readonly #link: Link;
  readonly #dialect: AttributesDialect;
  readonly #writer: JsonWriter;
  readonly #timer: Timer;
  readonly #publisher: Publisher;
  readonly #maxNames: number;
  readonly #reserved: readonly string[];
  readonly #maxMessageBytes: number;
  readonly #attributes = new Map<string, Attribute>();
  /** Of names that are not reserved. */
  #count = 0;
  #isInFlight = false;
  /** Of the message that was written last. */
  #first = "";
  /** What the session that has just ended may have ended for. */
  #accused: Attribute | undefined;
  #isLive = false;

  constructor(options: ClientAttributesOptions) {
    const { link, clock, maxNames = 64, maxMessageBytes = 1024 } = options;
    if (!Number.isInteger(maxNames) || maxNames < 1 || maxNames > 255)
      throw new RangeError("maxNames: not an integer from 1 to 255");
    if (!Number.isInteger(maxMessageBytes) || maxMessageBytes < 64 || maxMessageBytes > 8192)
      throw new RangeError("maxMessageBytes: not an integer from 64 to 8192");
    this.#link = link;
    this.#dialect = options.dialect;
    this.#maxNames = maxNames;
    this.#reserved = options.reserved ?? [];
    this.#maxMessageBytes = maxMessageBytes;
    this.#writer = new JsonWriter(options.text, maxMessageBytes);
    this.#timer = clock.timer(() => this.#send());
    this.failures = new FailureLog(clock, options.log, "attributes.publish");
    this.#publisher = {
      onAcknowledged: () => this.#onAcknowledged(),
      onLost: (_token, isOldest) => this.#onLost(isOldest === true),
    };
    const participant: Participant = {
      onOpen: () => this.#onOpen(),
      onLive: () => {
        this.#isLive = true;
      },
      onClosed: (reason) => this.#onClosed(reason),
      onRoom: () => this.#send(),
    };
    link.join(participant);
  }

  /**
   * States values of any JSON type; they are copied. All calls of one turn of the loop go out together.
   * Throws, and then takes none of them: `TypeError` for what JSON cannot express, `RangeError` for a blank or over-long name, for
   * one against the platform's rules, for a value that does not fit into one message, and when the table of names is full.
   */
  publish(values: Readonly<Record<string, unknown>>): void {
    if (typeof values !== "object" || values === null) throw new TypeError("values: not an object");
    const checked: Attribute[] = [];
    let added = 0;
    for (const name of Object.keys(values)) {
      checked.push(this.#check(name, values[name]));
      if (!this.#attributes.has(name) && !this.#reserved.includes(name)) added += 1;
    }
    if (this.#count + added > this.#maxNames)
      throw new RangeError(`values: more than ${this.#maxNames} attributes in all`);
    for (const attribute of checked) this.#take(attribute);
    this.#count += added;
    this.#timer.start(0);
  }

  /** Does a value fit into one message? */
  fits(name: string, value: Json): boolean {
    this.#writer.reset();
    this.#writer.beginObject();
    this.#writer.name(name);
    this.#writer.tree(value);
    this.#writer.endObject();
    return !this.#writer.hasOverflowed;
  }

  #check(name: string, value: unknown): Attribute {
    checkName(name, "values");
    const problem = this.#dialect.nameProblem(name);
    if (problem !== undefined) throw new RangeError(`values: "${name}" ${problem}`);
    const copy = copyJson(value, `values.${name}`);
    if (!this.fits(name, copy))
      throw new RangeError(`values.${name}: does not fit into ${this.#maxMessageBytes} bytes`);
    return new Attribute(name, copy, this.#writer.byteLength - 2);
  }

  #take(attribute: Attribute): void {
    const known = this.#attributes.get(attribute.name);
    if (known === undefined) {
      this.#attributes.set(attribute.name, attribute);
      return;
    }
    known.wanted = attribute.wanted;
    known.byteLength = attribute.byteLength;
    known.isTooLarge = false;
  }

  #onOpen(): void {
    for (const attribute of this.#attributes.values()) attribute.isTooLarge = false;
    this.#send();
  }

  #send(): void {
    const link = this.#link;
    if (this.#isInFlight || !link.isOpen) return;
    const maxCount = Math.min(link.maxDataPoints, this.#dialect.maxPublished);
    const count = this.#write(Math.min(this.#maxMessageBytes, link.maxPayload), maxCount);
    if (count === 0) return;
    const { bytes, byteLength } = this.#writer;
    const topic = this.#dialect.topicOf(this.#first);
    this.#isInFlight = link.publish(topic, bytes, byteLength, this.#publisher, 0, false, count);
    if (!this.#isInFlight) for (const attribute of this.#attributes.values()) attribute.sent = undefined;
  }

  /** Writes as many of the attributes that are due as fit into `maxBytes` and `maxCount`, and returns how many. */
  #write(maxBytes: number, maxCount: number): number {
    let count = 0;
    let total = 2;
    let isWaiting = false;
    this.#writer.reset();
    this.#dialect.beginMessage(this.#writer);
    for (const attribute of this.#attributes.values()) {
      if (count >= maxCount) break;
      if (!attribute.isDue) continue;
      if (this.#dialect.isRefused(attribute.name)) {
        isWaiting = true;
        continue;
      }
      if (attribute.byteLength + 2 > maxBytes) this.#refuse(attribute);
      const size = attribute.byteLength + (count > 0 ? 1 : 0);
      if (total + size > maxBytes) continue;
      total += size;
      count += 1;
      if (count === 1) this.#first = attribute.name;
      this.#dialect.writeAttribute(this.#writer, attribute.name, attribute.wanted);
      attribute.sent = attribute.wanted;
    }
    this.#dialect.endMessage(this.#writer);
    if (isWaiting) this.#timer.start(refusalPoll);
    return count;
  }

  /** The session allows less than this attribute takes: only another value, or another session, can help. */
  #refuse(attribute: Attribute): void {
    attribute.isTooLarge = true;
    this.failures.add("payload-too-large", attribute.name);
  }

  #onAcknowledged(): void {
    this.#isInFlight = false;
    for (const attribute of this.#attributes.values()) {
      if (attribute.sent === undefined) continue;
      attribute.acknowledged = attribute.sent;
      attribute.strikes = 0;
      attribute.sent = undefined;
    }
    this.#send();
  }

  #onLost(isOldest: boolean): void {
    this.#isInFlight = false;
    for (const attribute of this.#attributes.values()) {
      if (attribute.sent === undefined) continue;
      if (isOldest && this.#dialect.maxPublished === 1) this.#accused = attribute;
      // The server has the old value or this one.
      attribute.acknowledged = undefined;
      attribute.sent = undefined;
    }
  }

  /** Where each attribute has a message of its own, the one that the session ends for is known. */
  #onClosed(reason: Reason): void {
    const accused = this.#accused;
    const strike = this.#isLive ? 1 : strikeBeforeLive;
    this.#accused = undefined;
    this.#isLive = false;
    if (accused === undefined || !mayBeDenial(reason)) return;
    accused.strikes += strike;
    // The others go first from now on.
    this.#attributes.delete(accused.name);
    this.#attributes.set(accused.name, accused);
    if (accused.strikes < strikesToRefuse) return;
    accused.strikes = 0;
    this.#dialect.refuse(accused.name);
    this.failures.add("poisoned-datum", `${accused.name}: ended ${reason} again and again`);
  }
}
