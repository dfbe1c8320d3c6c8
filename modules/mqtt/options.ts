// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import { integer } from "../core/integer.js";
import type { Clock, Milliseconds, SocketFactory, Text } from "../core/ports.js";
import { type ConnectFields, connectSize, type QoS, type Will } from "./packet.js";
import { controlReserve } from "./transmit.js";

/**
 * The callbacks. None runs inside a call to the client, none after `close`, and `close` is allowed in each of them.
 * What a callback throws goes on to the platform, with the client in order.
 */
export interface MqttHandler {
  /**
   * First call: CONNECT is on its way, everything may be written although the server has not answered.
   * Later, after a write was refused for want of room: now there are `count` bytes, enough for that one.
   */
  onWritable(count: number): void;
  /**
   * One whole message: the first `byteLength` bytes of `payload`, valid during the call only. ECMA-419 hands on fragments
   * that are read one by one; here the message is in the receive buffer already. A QoS 1 message waits for
   * `acknowledge`; its `id` may be 0, although MQTT forbids that.
   */
  onReadable(topic: string, payload: Uint8Array, byteLength: number, QoS: QoS, id: number): void;
  /** A message that did not fit the receive buffer has passed. Of QoS 1, it is acknowledged, or the server would wait for ever. */
  onDropped(topic: string, byteLength: number): void;
  /**
   * A control packet: CONNACK that accepts, PUBACK, SUBACK, UNSUBACK or PINGRESP. `id` is 0 where there is none.
   * The return codes of SUBACK are the first `byteLength` bytes of `payload`.
   */
  onControl(operation: number, id: number, payload: Uint8Array, byteLength: number): void;
  /** Terminal, at most once: the connection is closed. */
  onError(reason: Reason): void;
}

export interface MqttClientOptions extends MqttHandler {
  readonly clock: Clock;
  readonly text: Text;
  readonly connect: SocketFactory;
  readonly host: string;
  /** 1 to 65535. Default 1883. */
  readonly port?: number;
  /** Client identifier. Empty, as by default, the server chooses one and `clean` must be true. */
  readonly id?: string;
  readonly user?: string | undefined;
  /** Only with `user`. */
  readonly password?: string | undefined;
  /** Default true. `sessionPresent` is not looked at: ThingsBoard sets it as it likes. */
  readonly clean?: boolean;
  /** Longest time without a packet to the server, 1 s to 65,535 s; 0, the default, turns the supervision off. */
  readonly keepAlive?: Milliseconds;
  readonly will?: Will;
  /** Holds one received packet, larger messages are dropped. At least 128 bytes. The client's alone until `close`. */
  readonly receive: Uint8Array;
  /** Holds what the socket does not take yet. At least 128 bytes and the CONNECT. The client's alone until `close`. */
  readonly transmit: Uint8Array;
  /** For name resolution, TCP and TLS. Default 15 s. */
  readonly connectTimeout?: Milliseconds;
  /** From CONNECT to CONNACK. Default 15 s. */
  readonly connackTimeout?: Milliseconds;
}

export interface CompleteMqttOptions {
  readonly port: number;
  readonly connectTimeout: Milliseconds;
  readonly connackTimeout: Milliseconds;
  readonly fields: ConnectFields;
}

/** Throws `TypeError` for a value of the wrong type and `RangeError` for one out of range; the message begins with the option. */
export function completeOptions(options: MqttClientOptions): CompleteMqttOptions {
  for (const name of ["onWritable", "onReadable", "onDropped", "onControl", "onError", "connect"] as const)
    if (typeof options[name] !== "function") throw new TypeError(`${name}: not a function`);
  string(options.text, options.host, "host", 1, 253);
  const fields: ConnectFields = Object.freeze({
    id: string(options.text, options.id ?? "", "id", 0, 65_535),
    user: options.user === undefined ? undefined : string(options.text, options.user, "user", 0, 65_535),
    password:
      options.password === undefined ? undefined : string(options.text, options.password, "password", 0, 65_535),
    clean: options.clean ?? true,
    keepAlive: keepAlive(options.keepAlive ?? 0),
    will: options.will,
  });
  // MQTT 3.1.1 §3.1.2.9 and §3.1.3.1
  if (fields.password !== undefined && fields.user === undefined) throw new TypeError("password: needs a user");
  if (fields.id === "" && !fields.clean) throw new RangeError("id: empty, and so needs a clean session");
  if (fields.will) will(options.text, fields.will);
  buffer(options.receive, "receive", 128);
  buffer(options.transmit, "transmit", Math.max(128, connectSize(options.text, fields) + controlReserve));
  return Object.freeze({
    port: integer(options.port ?? 1883, "port", 1, 65_535),
    connectTimeout: integer(options.connectTimeout ?? 15_000, "connectTimeout", 1, 600_000),
    connackTimeout: integer(options.connackTimeout ?? 15_000, "connackTimeout", 1, 600_000),
    fields,
  });
}

function keepAlive(value: unknown): Milliseconds {
  return value === 0 ? 0 : integer(value, "keepAlive", 1_000, 65_535_000);
}

function will(text: Text, value: Will): void {
  string(text, value.topic, "will.topic", 1, 65_535);
  string(text, value.message, "will.message", 0, 65_535);
  integer(value.QoS ?? 0, "will.QoS", 0, 1);
}

function string(text: Text, value: unknown, name: string, min: number, max: number): string {
  if (typeof value !== "string") throw new TypeError(`${name}: not a string`);
  const length = text.byteLength(value);
  if (length < min || length > max) throw new RangeError(`${name}: ${length} bytes, not ${min} to ${max}`);
  return value;
}

function buffer(value: unknown, name: string, min: number): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name}: not a Uint8Array`);
  if (value.length < min) throw new RangeError(`${name}: ${value.length} bytes, not ${min} or more`);
}
