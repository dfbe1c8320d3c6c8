// SPDX-License-Identifier: Apache-2.0
// What the features see of a session.

import type { Reason } from "../core/errors.js";

/** A publish that the server does not count (`dataPoints`): a request for a piece of firmware. */
export const uncounted = -1;

/** Learns what became of its QoS 1 publishes. Exactly one of the two follows each accepted publish. */
export interface Publisher {
  /**
   * The server acknowledged the publish that was made with this token. While anybody waits for room, a QoS 1 publish in here
   * is refused: `onRoom` follows at once, to all in turn.
   */
  onAcknowledged(token: number): void;
  /**
   * The session ended first; the server may or may not have it. Publish it again, with `duplicate`, after the next `onOpen`.
   * `isOldest`: of all that was under way it was published first, so that the server had to answer it next.
   */
  onLost(token: number, isOldest?: boolean): void;
}

/**
 * A message handler that belongs to the client, not to a connection: it is subscribed again at every connect. What the server
 * refuses is asked for again while the session lasts, after up to 30 s at first and up to 15 min later.
 */
export interface Subscription {
  /** MQTT topic filter, at most 255 bytes. Two subscriptions may have the same: both get the messages, at the first one's QoS. */
  readonly filter: string;
  readonly QoS: 0 | 1;
  /**
   * `payload` is the session's receive buffer: valid during the call only, `byteLength` bytes of it.
   * A QoS 1 message is acknowledged to the server after this returns, unless it came with packet identifier 0.
   */
  onMessage(topic: string, payload: Uint8Array, byteLength: number): void;
}

/** A feature that lives through the phases of a session. */
export interface Participant {
  /** CONNECT and all subscriptions were written: publishing is allowed, although the server has not answered yet. */
  onOpen(): void;
  /** The server accepted the session and answered every subscription, though it may have refused some. */
  onLive(): void;
  /** Not called before `onOpen`. Every unacknowledged publish was reported lost before this. */
  onClosed(reason: Reason): void;
  /**
   * `publish` returned false before, to this or another participant; now it is worth trying again. The first to be told is
   * another one each time, so that nobody keeps the rest out, however narrow the server's in-flight window.
   */
  onRoom(): void;
}

export interface Link {
  /** Between `onOpen` and `onClosed`. */
  readonly isOpen: boolean;
  /** Largest payload of one publish in bytes, from the transmit buffer and the server's limits. */
  readonly maxPayload: number;
  /** Most data points that one publish may hold under the server's limits; infinite where it has none. */
  readonly maxDataPoints: number;
  /** Most sub-devices that one publish may be of under the server's limits; infinite where it has none, 0 while none may be spoken of. */
  readonly maxDevices: number;
  /**
   * Publishes `byteLength` bytes of `payload`, which may be reused when this returns.
   * QoS 1 with a `publisher`, QoS 0 without. `token` is the publisher's own, handed back to it.
   * `dataPoints` is what the server's rate limits count: the number of data in telemetry or attributes, 0 for any other
   * message, `uncounted` (-1) for what it does not count. `devices` is the number of sub-devices that it is of, 0 for a message of
   * the device itself: they have limits of their own, and the server counts a message for each.
   * False when closed, when the in-flight window or the socket is full, or to stay under the server's limits: nothing was
   * sent, wait for `onRoom`. Throws `RangeError` over `maxPayload`. `topic` has at most 255 bytes.
   */
  publish(
    topic: string,
    payload: Uint8Array,
    byteLength: number,
    publisher?: Publisher,
    token?: number,
    duplicate?: boolean,
    dataPoints?: number,
    devices?: number,
  ): boolean;
  /**
   * Whether a publish of so many data points, of so many sub-devices, would leave a part of each of the server's rate limits unused, 0 to 1; for what can
   * wait. When not, `onRoom` follows.
   */
  leaves(part: number, dataPoints: number, devices?: number): boolean;
  /** Declares a subscription. Before the session starts, or later: then it is made at once where the link is open. */
  subscribe(subscription: Subscription): void;
  /** Joins for the phases of every session to come. Call it before the session starts. */
  join(participant: Participant): void;
}
