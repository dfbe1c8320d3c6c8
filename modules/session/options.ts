// SPDX-License-Identifier: Apache-2.0

import { integer } from "../core/integer.js";
import type { Clock, LogSink, Milliseconds, SocketFactory, Text } from "../core/ports.js";
import type { MqttClientOptions, MqttHandler } from "../mqtt/options.js";
import { connectSize, type Will } from "../mqtt/packet.js";
import { controlReserve } from "../mqtt/transmit.js";
import type { Prelude } from "./prelude.js";
import { maxFilterLength } from "./subscriptions.js";

/** Most bytes of a PUBLISH besides its payload: fixed header, topic with its length, packet identifier. */
export const maxOverhead = 5 + 2 + maxFilterLength + 2;

/** What CONNECT says of the client, 1 to 256 characters each. */
export interface SessionCredentials {
  readonly clientId: string;
  readonly user?: string | undefined;
  /** Only with `user`. */
  readonly password?: string | undefined;
}

export interface SessionOptions {
  /** Each connection makes a timer: one whose timers go with whoever has them, such as `SharedClock`. */
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly connect: SocketFactory;
  readonly log: LogSink;
  readonly server: {
    readonly host: string;
    /** 1 to 65535. */
    readonly port: number;
  };
  readonly credentials: SessionCredentials;
  /** Longest silence before the link is tested, 5 s to 10 min. Default 60 s. */
  readonly keepAlive?: Milliseconds;
  /** Bytes, 512 to 65,536: the largest packet that can be received. Default 8,192. */
  readonly receiveBuffer?: number;
  /** Bytes, 512 to 65,536: 296 more than the largest payload that can be sent, and room for CONNECT. Default 8,192. */
  readonly transmitBuffer?: number;
  /** QoS 1 publishes that wait for their acknowledgement at once, 1 to 100. Default 8. */
  readonly window?: number;
  /** For name resolution, TCP and TLS, and again for CONNACK; 1 s to 2 min. Default 15 s. */
  readonly connectTimeout?: Milliseconds;
  /** For PUBACK and SUBACK, 1 s to 10 min. Default 20 s. */
  readonly acknowledgeTimeout?: Milliseconds;
  /** What the server publishes for the device when the connection ends without a goodbye. */
  readonly will?: Will | undefined;
  /** Comes first on each connection. */
  readonly prelude?: Prelude | undefined;
  /**
   * How long the server takes a client for connected that has vanished, and closes on the next one of that identifier without a word,
   * 0 to 10 min: so long is the least pause after such a close. Default 0.
   */
  readonly lockout?: Milliseconds;
}

export interface SessionSettings {
  readonly keepAlive: Milliseconds;
  readonly receiveBuffer: number;
  readonly transmitBuffer: number;
  readonly window: number;
  readonly connectTimeout: Milliseconds;
  readonly acknowledgeTimeout: Milliseconds;
  readonly lockout: Milliseconds;
}

/** Throws `TypeError` or `RangeError`; the message begins with the option. */
export function completeSettings(options: SessionOptions): SessionSettings {
  if (typeof options.random !== "function") throw new TypeError("random: not a function");
  if (typeof options.connect !== "function") throw new TypeError("connect: not a function");
  text(options.server.host, "server.host", 253);
  integer(options.server.port, "server.port", 1, 65_535);
  checkCredentials(options.credentials);
  const keepAlive = integer(options.keepAlive ?? 60_000, "keepAlive", 5_000, 600_000);
  const { text: utf8, credentials, will, prelude } = options;
  const minPrelude = (prelude?.maxPayload ?? 0) + maxOverhead + controlReserve;
  const minTransmit = Math.max(512, minPrelude, transmitFor(utf8, credentials, will));
  return Object.freeze({
    keepAlive,
    receiveBuffer: integer(options.receiveBuffer ?? 8_192, "receiveBuffer", 512, 65_536),
    transmitBuffer: integer(options.transmitBuffer ?? 8_192, "transmitBuffer", minTransmit, 65_536),
    window: integer(options.window ?? 8, "window", 1, 100),
    connectTimeout: integer(options.connectTimeout ?? 15_000, "connectTimeout", 1_000, 120_000),
    acknowledgeTimeout: integer(options.acknowledgeTimeout ?? 20_000, "acknowledgeTimeout", 1_000, 600_000),
    lockout: integer(options.lockout ?? 0, "lockout", 0, 600_000),
  });
}

/** The same for other credentials over other sockets. Throws `TypeError` or `RangeError` naming what is wrong with them. */
export function withCredentials(
  options: MqttClientOptions,
  credentials: SessionCredentials,
  connect: SocketFactory,
): MqttClientOptions {
  checkCredentials(credentials);
  const needed = transmitFor(options.text, credentials, options.will);
  if (needed > options.transmit.length) throw new RangeError(`credentials: need a transmitBuffer of ${needed} bytes`);
  const { clientId: id, user, password } = credentials;
  return Object.freeze({ ...options, id, user, password, connect });
}

/** Bytes of a transmit buffer that takes their CONNECT. */
function transmitFor(text: Text, { clientId: id, user, password }: SessionCredentials, will: Will | undefined): number {
  return connectSize(text, { id, user, password, clean: true, keepAlive: 0, will }) + controlReserve;
}

/** Throws `TypeError` or `RangeError` naming the member. */
function checkCredentials({ clientId, user, password }: SessionCredentials): void {
  text(clientId, "credentials.clientId", 256);
  if (user !== undefined) text(user, "credentials.user", 256);
  if (password !== undefined) text(password, "credentials.password", 256);
  if (password !== undefined && user === undefined) throw new TypeError("credentials.password: needs a user");
}

/** One object for all connections of a session, and with it the two buffers. */
export function clientOptions(
  options: SessionOptions,
  settings: SessionSettings,
  handler: MqttHandler,
): MqttClientOptions {
  return Object.freeze({
    clock: options.clock,
    text: options.text,
    connect: options.connect,
    host: options.server.host,
    port: options.server.port,
    id: options.credentials.clientId,
    user: options.credentials.user,
    password: options.credentials.password,
    keepAlive: settings.keepAlive,
    receive: new Uint8Array(settings.receiveBuffer),
    transmit: new Uint8Array(settings.transmitBuffer),
    connectTimeout: settings.connectTimeout,
    connackTimeout: settings.connectTimeout,
    ...(options.will && { will: options.will }),
    ...handler,
  });
}

function text(value: unknown, name: string, max: number): void {
  if (typeof value !== "string") throw new TypeError(`${name}: not a string`);
  if (value === "" || value.length > max) throw new RangeError(`${name}: not 1 to ${max} characters`);
}
