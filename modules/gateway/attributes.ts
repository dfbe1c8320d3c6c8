// SPDX-License-Identifier: Apache-2.0

import { checkName } from "../cloud/names.js";
import { DeviceError } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Timer } from "../core/ports.js";
import type { Publisher } from "../session/link.js";
import type { GatewayChild } from "./child.js";
import type { GatewayParts } from "./options.js";

/** What a value that waits takes of the XS heap, beside its name and its JSON. */
const bytesPerValue = 96;

export interface GatewayAttributesOptions extends GatewayParts {
  /** Bytes of XS heap that values take until they are acknowledged, of all sub-devices together. */
  readonly capacity: number;
}

/**
 * The attributes that sub-devices state about themselves. Several of several children go in one message, one message on its way at a
 * time, and the latest value of each is kept until the server has acknowledged it. Then it is forgotten: a value that is stated again is
 * sent again, unlike those of the device itself, whose values all stay in memory to be compared.
 */
export class GatewayAttributes implements Publisher {
  /** Attributes that could not be sent, by reason. */
  readonly failures: FailureLog;
  readonly #options: GatewayAttributesOptions;
  readonly #timer: Timer;
  /** What is on its way, side by side. */
  readonly #sentChildren: GatewayChild[] = [];
  readonly #sentNames: string[] = [];
  readonly #sentValues: string[] = [];
  #isInFlight = false;
  #used = 0;
  /** Whose turn it is to be first. */
  #next = 0;

  constructor(options: GatewayAttributesOptions) {
    const { link, clock, log } = options;
    this.#options = options;
    this.#timer = clock.timer(() => this.#send());
    this.failures = new FailureLog(clock, log, "gateway.attributes");
    link.join({
      onOpen: () => {},
      onLive: () => {},
      onClosed: () => {},
      onRoom: () => this.#send(),
    });
  }

  /**
   * States values of any JSON type. All calls of one turn of the loop go out together. Throws, and then takes none of them: `TypeError`
   * for what JSON cannot express, `RangeError` for a blank or over-long name and for a value that does not fit into one message,
   * `DeviceError` "queue-full" when too many values wait for the server.
   */
  publish(child: GatewayChild, values: Readonly<Record<string, unknown>>): void {
    if (typeof values !== "object" || values === null) throw new TypeError("values: not an object");
    const checked = new Map<string, string>();
    let growth = 0;
    for (const name of Object.keys(values)) {
      const value = values[name];
      if (value === undefined) continue;
      checkName(name, "values");
      const json = this.#encode(child, name, value);
      if (json === undefined) throw new RangeError(`values.${name}: does not fit into one message`);
      checked.set(name, json);
      growth += costOf(name, json) - this.#costOf(child, name);
    }
    if (this.#used + growth > this.#options.capacity)
      throw new DeviceError("queue-full", `${child.name}: over ${this.#options.capacity} bytes of attributes wait`);
    for (const [name, json] of checked) this.#put(child, name, json);
    if (checked.size > 0) this.#timer.start(0);
  }

  /** As `publish`, for what the gateway itself has to tell of a child: it finds room. */
  tell(child: GatewayChild, name: string, value: unknown): void {
    const json = this.#encode(child, name, value);
    if (json === undefined) return;
    this.#put(child, name, json);
    this.#timer.start(0);
  }

  /** Does a value fit into one message? */
  fits(child: GatewayChild, name: string, value: unknown): boolean {
    return this.#encode(child, name, value) !== undefined;
  }

  /** The JSON of a value, undefined where it does not fit into one message. */
  #encode(child: GatewayChild, name: string, value: unknown): string | undefined {
    const { writer, dialect, text } = this.#options;
    writer.reset();
    dialect.beginMessage(writer);
    dialect.beginDevice(writer, child.name);
    writer.name(name);
    const start = writer.byteLength;
    writer.tree(value, `values.${name}`);
    const end = writer.byteLength;
    dialect.endDevice(writer);
    dialect.endMessage(writer);
    return writer.hasOverflowed ? undefined : text.decode(writer.bytes, start, end);
  }

  #costOf(child: GatewayChild, name: string): number {
    const json = child.attributes?.get(name);
    return json === undefined ? 0 : costOf(name, json);
  }

  #put(child: GatewayChild, name: string, json: string): void {
    this.#used += costOf(name, json) - this.#costOf(child, name);
    child.attributes ??= new Map();
    child.attributes.set(name, json);
  }

  #drop(child: GatewayChild, name: string): void {
    this.#used -= this.#costOf(child, name);
    child.attributes?.delete(name);
    if (child.attributes?.size === 0) child.attributes = undefined;
  }

  onAcknowledged(): void {
    this.#isInFlight = false;
    const { clock } = this.#options;
    for (let index = 0; index < this.#sentNames.length; index += 1) {
      const child = this.#sentChildren[index] as GatewayChild;
      const name = this.#sentNames[index] as string;
      // A later value is yet to be sent.
      if (child.attributes?.get(name) === this.#sentValues[index]) this.#drop(child, name);
      if (child.isPresent) child.since = clock.ticks();
    }
    this.#forgetSent();
    this.#send();
  }

  /** The server has the old values or these; they go again with the next session. */
  onLost(): void {
    this.#isInFlight = false;
    this.#forgetSent();
  }

  #forgetSent(): void {
    this.#sentChildren.length = 0;
    this.#sentNames.length = 0;
    this.#sentValues.length = 0;
  }

  #send(): void {
    const { link, dialect, writer, children } = this.#options;
    const { count } = children;
    if (this.#isInFlight || !link.isClear || this.#used === 0) return;
    let at = this.#next % count;
    let devices = 0;
    writer.reset();
    dialect.beginMessage(writer);
    for (let left = count; left > 0 && devices < link.maxDevices; left -= 1) {
      const child = children.at(at);
      const before = this.#sentNames.length;
      const isWhole = child.attributes === undefined || this.#write(child, child.attributes);
      if (this.#sentNames.length > before) devices += 1;
      if (!isWhole) break;
      at = at + 1 < count ? at + 1 : 0;
    }
    dialect.endMessage(writer);
    if (devices === 0) return;
    const { bytes, byteLength } = writer;
    const points = this.#sentNames.length;
    this.#isInFlight = link.publish(dialect.attributesTopic, bytes, byteLength, this, 0, false, points, devices);
    if (this.#isInFlight) this.#next = at;
    else this.#forgetSent();
  }

  /** Writes as many values of a child as fit; false where some are left for another message. */
  #write(child: GatewayChild, attributes: ReadonlyMap<string, string>): boolean {
    const { link, dialect, writer } = this.#options;
    const max = Math.min(writer.bytes.length, link.maxPayload) - dialect.closingBytes;
    const first = this.#sentNames.length;
    const beginning = writer.mark();
    let isWhole = true;
    dialect.beginDevice(writer, child.name);
    for (const [name, json] of attributes) {
      const mark = writer.mark();
      writer.name(name);
      writer.json(json);
      if (!writer.hasOverflowed && writer.byteLength <= max && this.#sentNames.length < link.maxDataPoints) {
        this.#sentChildren.push(child);
        this.#sentNames.push(name);
        this.#sentValues.push(json);
        continue;
      }
      writer.rewind(mark);
      isWhole = this.#sentNames.length === 0;
      if (!isWhole) break;
      // Not even alone: the session allows less than this value takes.
      this.failures.add("payload-too-large", `${child.name}: ${name}`);
      this.#drop(child, name);
    }
    if (this.#sentNames.length > first) dialect.endDevice(writer);
    else writer.rewind(beginning);
    return isWhole;
  }
}

function costOf(name: string, json: string): number {
  return name.length + json.length + bytesPerValue;
}
