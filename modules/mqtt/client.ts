// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Socket, Timer } from "../core/ports.js";
import { type CompleteMqttOptions, completeOptions, type MqttClientOptions } from "./options.js";
import {
  connectSize,
  emptySize,
  Operation,
  pubackSize,
  publishSize,
  type QoS,
  subscribeSize,
  type TopicFilter,
  unsubscribeSize,
  writeConnect,
  writeEmpty,
  writePuback,
  writePublish,
  writeSubscribe,
  writeUnsubscribe,
} from "./packet.js";
import { Found, Parser } from "./parser.js";
import { controlReserve, Transmit } from "./transmit.js";

/** CONNACK return codes, MQTT 3.1.1 §3.2.2.3. */
const refusals: readonly Reason[] = Object.freeze([
  "refused-protocol",
  "refused-identifier",
  "refused-unavailable",
  "refused-credentials",
  "refused-authorization",
]);

/**
 * One connection to an MQTT 3.1.1 server, over the socket port: the ECMA-419 MQTT client class (section 25) with whole
 * messages instead of fragments, `publish`, `subscribe` and so on instead of `write` with an options object per packet,
 * writing allowed right after CONNECT, a named reason for every end, and acknowledgement of QoS 1 by the owner.
 * Packet identifiers are the owner's. The constructor begins to connect; the outcome arrives by the callbacks.
 */
export class MqttClient {
  readonly #options: MqttClientOptions;
  readonly #settings: CompleteMqttOptions;
  readonly #parser: Parser;
  readonly #transmit: Transmit;
  readonly #timer: Timer;
  #socket: Socket | undefined;
  #phase: "connecting" | "greeting" | "connected" | "over" = "connecting";
  #writable = 0;
  #readable = 0;
  /** Depth of callbacks under way: packets written meanwhile leave together. */
  #depth = 0;
  /** Size of the largest packet that was refused since the last `onWritable`. */
  #refused = 0;
  #isPinging = false;
  #failure: Reason | undefined;

  /** Throws `TypeError` or `RangeError` naming the option. */
  constructor(options: MqttClientOptions) {
    this.#settings = completeOptions(options);
    this.#options = options;
    this.#parser = new Parser(options.receive, options.text);
    this.#transmit = new Transmit(options.transmit);
    this.#timer = options.clock.timer(() => this.#onTimer());
    this.#timer.start(this.#settings.connectTimeout);
    this.#connect();
  }

  /** Bytes of the largest packet that `publish` or `subscribe` can ever take. */
  get capacity(): number {
    return this.#transmit.bytes.length - controlReserve;
  }

  /**
   * Sends the first `byteLength` bytes of `payload`, which may be reused at once. `id` is 1 to 65535, of no meaning with QoS 0.
   * False before the first `onWritable`, after the end, or while there is no room: nothing was sent, then `onWritable` follows
   * when there is. Throws `RangeError` for a packet over `capacity`.
   */
  publish(topic: string, payload: Uint8Array, byteLength: number, QoS: QoS, id: number, duplicate: boolean): boolean {
    if (byteLength > payload.length) throw new RangeError(`byteLength: ${byteLength}, over the payload`);
    const text = this.#options.text;
    const offset = this.#claim(publishSize(text.byteLength(topic), byteLength, QoS));
    if (offset < 0) return false;
    writePublish(text, this.#transmit.bytes, offset, topic, payload, byteLength, QoS, id, duplicate);
    this.#flush();
    return true;
  }

  /** Packs as many of `items`, from `first` up to `end`, as there is room for into one SUBSCRIBE; returns how many, 0 as `publish` false. */
  subscribe(id: number, items: readonly TopicFilter[], first = 0, end = items.length): number {
    const text = this.#options.text;
    let count = end - first;
    if (subscribeSize(text, items, first, count) > this.#transmit.room) this.#drain();
    while (count > 1 && subscribeSize(text, items, first, count) > this.#transmit.room) count -= 1;
    const offset = this.#claim(subscribeSize(text, items, first, count));
    if (offset < 0) return 0;
    writeSubscribe(text, this.#transmit.bytes, offset, id, items, first, count);
    this.#flush();
    return count;
  }

  /** As `subscribe`, all of `items` in one packet. */
  unsubscribe(id: number, items: readonly TopicFilter[]): boolean {
    const text = this.#options.text;
    const offset = this.#claim(unsubscribeSize(text, items, 0, items.length));
    if (offset < 0) return false;
    writeUnsubscribe(text, this.#transmit.bytes, offset, id, items, 0, items.length);
    this.#flush();
    return true;
  }

  /**
   * PUBACK. Inside `onReadable` there is always room for it; later it may be refused, with false.
   * Sends nothing for identifier 0, which MQTT forbids: ThingsBoard's 65,536th message has it, and PUBACK 0 ends the session there.
   */
  acknowledge(id: number): boolean {
    if (this.#phase !== "connected") return false;
    if (id === 0) return true;
    if (this.#transmit.free < pubackSize) return false;
    writePuback(this.#transmit.bytes, this.#transmit.claim(pubackSize), id);
    this.#flush();
    return true;
  }

  /** Tells the server that the end is meant; `close` comes next. */
  disconnect(): void {
    const isOpen = this.#phase === "greeting" || this.#phase === "connected";
    if (!isOpen || this.#transmit.free < emptySize) return;
    this.#writeEmpty(Operation.DISCONNECT);
    this.#drain();
  }

  /** Idempotent and silent: nothing is called back afterwards. Sends no DISCONNECT. */
  close(): void {
    this.#phase = "over";
    this.#timer.stop();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #connect(): void {
    try {
      this.#socket = this.#options.connect({
        host: this.#options.host,
        port: this.#settings.port,
        onReadable: (count) => this.#onReadable(count),
        onWritable: (count) => this.#onWritable(count),
        onError: (reason) => this.#end(reason),
      });
    } catch {
      this.#failSoon("connect-refused");
    }
  }

  #onWritable(count: number): void {
    this.#writable = count;
    if (this.#phase === "connecting") this.#greet();
    this.#drain();
    if (this.#refused > 0 && this.#refused <= this.#transmit.room) this.#announceRoom();
    this.#receive();
  }

  #greet(): void {
    const { fields, connackTimeout } = this.#settings;
    const offset = this.#transmit.claim(connectSize(this.#options.text, fields));
    writeConnect(this.#options.text, this.#transmit.bytes, offset, fields);
    this.#phase = "greeting";
    this.#timer.start(connackTimeout);
    this.#announceRoom();
  }

  #announceRoom(): void {
    this.#refused = 0;
    this.#depth += 1;
    try {
      this.#options.onWritable(this.#transmit.room);
    } finally {
      this.#depth -= 1;
      this.#flush();
    }
  }

  #onReadable(count: number): void {
    this.#readable = count;
    this.#receive();
  }

  /** Stops reading where not even an acknowledgement could be written; `#onWritable` goes on from there. */
  #receive(): void {
    this.#depth += 1;
    try {
      while (this.#socket && this.#hasRoomToAnswer()) {
        const found = this.#parser.next();
        if (found !== Found.nothing) this.#dispatch(found);
        else if (this.#readable > 0) this.#fill(this.#socket);
        else break;
      }
    } finally {
      this.#depth -= 1;
      this.#flush();
    }
  }

  #hasRoomToAnswer(): boolean {
    if (this.#transmit.free < pubackSize) this.#drain();
    return this.#transmit.free >= pubackSize;
  }

  #fill(socket: Socket): void {
    const taken = this.#parser.fill(socket, this.#readable);
    this.#readable = taken > 0 ? this.#readable - taken : 0;
  }

  #dispatch(found: number): void {
    const { topic, bytes, byteLength, QoS, id } = this.#parser;
    if (found === Found.malformed || (found === Operation.CONNACK) !== (this.#phase === "greeting")) {
      this.#end("malformed-packet");
    } else if (found === Operation.PUBLISH) {
      this.#options.onReadable(topic, bytes, byteLength, QoS, id);
    } else if (found === Found.oversize) {
      if (QoS === 1) this.acknowledge(id);
      this.#options.onDropped(topic, byteLength);
    } else if (found === Operation.CONNACK && this.#parser.code > 0) {
      this.#end(refusals[this.#parser.code - 1] ?? "malformed-packet");
    } else {
      if (found === Operation.CONNACK) this.#welcome();
      if (found === Operation.PINGRESP) this.#isPinging = false;
      this.#options.onControl(found, id, bytes, byteLength);
    }
  }

  #welcome(): void {
    this.#phase = "connected";
    // The timer is about to tell of it.
    if (this.#failure) return;
    this.#timer.stop();
    if (this.#settings.fields.keepAlive > 0) this.#timer.start(this.#pingPeriod);
  }

  /** A ping that is unanswered after one more period ends the connection: 1.5 times `keepAlive` after the last answer. */
  get #pingPeriod(): number {
    return (this.#settings.fields.keepAlive * 3) / 4;
  }

  #onTimer(): void {
    if (this.#failure) this.#end(this.#failure);
    else if (this.#phase === "connecting") this.#end("connect-timeout");
    else if (this.#phase === "greeting") this.#end("connack-timeout");
    else if (this.#isPinging || this.#transmit.free < emptySize) this.#end("keepalive-timeout");
    else this.#ping();
  }

  /** Whatever else is being sent: ThingsBoard does not count firmware requests as a sign of life. */
  #ping(): void {
    this.#isPinging = true;
    this.#timer.start(this.#pingPeriod);
    this.#writeEmpty(Operation.PINGREQ);
    this.#drain();
  }

  #writeEmpty(operation: number): void {
    writeEmpty(this.#transmit.bytes, this.#transmit.claim(emptySize), operation);
  }

  #claim(size: number): number {
    if (size > this.capacity) throw new RangeError(`packet: ${size} bytes, over ${this.capacity}`);
    if (this.#phase !== "greeting" && this.#phase !== "connected") return -1;
    if (size > this.#transmit.room) this.#drain();
    if (size <= this.#transmit.room) return this.#transmit.claim(size);
    this.#refused = Math.max(this.#refused, size);
    return -1;
  }

  #flush(): void {
    if (this.#depth === 0) this.#drain();
  }

  #drain(): void {
    if (!this.#socket) return;
    try {
      this.#writable = this.#transmit.drain(this.#socket, this.#writable);
    } catch {
      this.#writable = 0;
      this.#failSoon("connection-reset");
    }
  }

  /** For what fails inside a call to the client, where no callback may run. */
  #failSoon(reason: Reason): void {
    this.#failure = reason;
    this.#timer.start(0);
  }

  #end(reason: Reason): void {
    if (this.#phase === "over") return;
    this.close();
    this.#options.onError(reason);
  }
}
