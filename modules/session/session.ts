// SPDX-License-Identifier: Apache-2.0

import type { SessionLimits } from "../cloud/dialect.js";
import { type Reason, retryOf } from "../core/errors.js";
import type { LogSink, Milliseconds, SocketFactory, Timer } from "../core/ports.js";
import { Tally } from "../core/tally.js";
import { MqttClient } from "../mqtt/client.js";
import type { MqttClientOptions, MqttHandler } from "../mqtt/options.js";
import { Operation } from "../mqtt/packet.js";
import { controlReserve } from "../mqtt/transmit.js";
import { Inflight } from "./inflight.js";
import { Ladder } from "./ladder.js";
import type { Link, Participant, Publisher, Subscription } from "./link.js";
import {
  clientOptions,
  completeSettings,
  maxOverhead,
  type SessionCredentials,
  type SessionOptions,
  type SessionSettings,
  withCredentials,
} from "./options.js";
import { Pacing } from "./pacing.js";
import { Participants } from "./participants.js";
import { Opening } from "./prelude.js";
import { Report } from "./report.js";
import { canFollow, type SessionState } from "./states.js";
import { Subscriptions } from "./subscriptions.js";

/**
 * One MQTT session, kept alive for ever: it connects when there is a network, makes the subscriptions anew, lets the features
 * publish before the server has answered, supervises, and after every end tries again. It calls back from socket and timer
 * callbacks only, except that `stop` and `setNetwork(false)` report what they end before they return.
 */
export class Session implements Link {
  readonly #log: LogSink;
  readonly #settings: SessionSettings;
  #clientOptions: MqttClientOptions;
  readonly #report: Report;
  readonly #inflight: Inflight;
  readonly #subscriptions: Subscriptions;
  readonly #pacing: Pacing;
  readonly #ladder: Ladder;
  readonly #participants: Participants;
  readonly #opening: Opening;
  readonly #pauseTimer: Timer;
  readonly #subscribeTimer: Timer;
  readonly #disconnects = new Tally();
  #client: MqttClient | undefined;
  #state: SessionState = "stopped";
  #hasNetwork = false;
  /** CONNECT was written. */
  #isGreeted = false;
  #isAccepted = false;
  /** A publish was refused, and nobody was told yet that there is room. */
  #isWanted = false;
  #lastReason: Reason | undefined;
  #serverMaxPacket = Number.POSITIVE_INFINITY;

  /** Throws `TypeError` or `RangeError` naming the option. */
  constructor(options: SessionOptions) {
    this.#settings = completeSettings(options);
    this.#log = options.log;
    const { clock, text, random } = options;
    this.#report = new Report(clock, options.log);
    this.#participants = new Participants(this, this.#report);
    const onUnsent = (): void => this.#sendSubscriptions();
    const onTimeout = (): void => this.#finish("acknowledge-timeout");
    this.#subscriptions = new Subscriptions({ clock, random, text, report: this.#report }, onUnsent);
    this.#inflight = new Inflight({
      clock,
      window: this.#settings.window,
      acknowledgeTimeout: this.#settings.acknowledgeTimeout,
      others: this.#subscriptions,
      onTimeout,
      report: this.#report,
    });
    this.#pacing = new Pacing(clock, () => this.#announceRoom());
    this.#ladder = new Ladder(clock, random, this.#settings.lockout);
    this.#opening = new Opening({
      prelude: options.prelude,
      onDone: () => this.#onWritable(),
      onFailed: (reason) => this.#finish(reason),
    });
    this.#pauseTimer = clock.timer(() => this.#connect());
    this.#subscribeTimer = clock.timer(onTimeout);
    this.#clientOptions = clientOptions({ ...options, clock }, this.#settings, this.#makeHandler());
  }

  get state(): SessionState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state === "open" || this.#state === "connected" || this.#state === "live";
  }

  get isLive(): boolean {
    return this.#state === "live";
  }

  /** QoS 1 publishes that wait for their acknowledgement. */
  get inFlight(): number {
    return this.#inflight.count;
  }

  /** Ends of connections and failed attempts, by reason. */
  get disconnects(): Tally {
    return this.#disconnects;
  }

  /** What went wrong without ending a session: refused subscriptions, unknown topics, messages too large, failed handlers. */
  get failures(): Tally {
    return this.#report.counts;
  }

  /** Messages from the server since construction. */
  get received(): number {
    return this.#report.received;
  }

  /** Of these, messages that reached no handler. */
  get dropped(): number {
    return this.#report.dropped;
  }

  get maxPayload(): number {
    const max = Math.min(this.#settings.transmitBuffer - controlReserve, this.#serverMaxPacket) - maxOverhead;
    return Math.max(0, max);
  }

  get maxDataPoints(): number {
    return this.#pacing.maxDataPoints;
  }

  get maxDevices(): number {
    return this.#pacing.maxDevices;
  }

  /**
   * From the next connection on, these credentials over these sockets. Throws `TypeError` or `RangeError` naming the member, and then
   * nothing changed.
   */
  use(credentials: SessionCredentials, connect: SocketFactory): void {
    this.#clientOptions = withCredentials(this.#clientOptions, credentials, connect);
  }

  /** Begins to connect as soon as there is a network. Idempotent. */
  start(): void {
    if (this.#state !== "stopped") return;
    this.#lastReason = undefined;
    this.#awaitNext();
  }

  /** Says goodbye to the server and stays silent until `start`. Idempotent. */
  stop(): void {
    if (this.#state === "stopped") return;
    this.#client?.disconnect();
    this.#finish("session-stopped");
  }

  /**
   * Whether the device has a network, from whoever knows; it has none until told. A new network is tried at once, unless the
   * server refused the device.
   */
  setNetwork(isUp: boolean): void {
    if (isUp === this.#hasNetwork) return;
    this.#hasNetwork = isUp;
    if (this.#state === "stopped") return;
    if (isUp && this.#lastReason && retryOf(this.#lastReason) === "soon") this.#lastReason = undefined;
    if (!isUp && this.#client) this.#finish("wifi-lost");
    else this.#awaitNext();
  }

  /** Limits that the server told; they hold until others are applied, also over reconnects. */
  apply(limits: SessionLimits): void {
    this.#inflight.limit(limits.maxInflight);
    this.#serverMaxPacket = limits.maxPayload ?? Number.POSITIVE_INFINITY;
    this.#pacing.apply(limits);
  }

  join(participant: Participant): void {
    this.#participants.join(participant);
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
    if (this.isOpen) this.#sendSubscriptions();
  }

  publish(
    topic: string,
    payload: Uint8Array,
    byteLength: number,
    publisher?: Publisher,
    token = 0,
    duplicate = false,
    dataPoints = 0,
    devices = 0,
  ): boolean {
    if (byteLength > this.maxPayload) throw new RangeError(`payload: ${byteLength} bytes, over ${this.maxPayload}`);
    const client = this.#client;
    if (!client || !this.isOpen) return false;
    const isHeldUp = (publisher !== undefined && this.#inflight.isFull) || !this.#pacing.admit(dataPoints, 0, devices);
    const id = publisher && !isHeldUp ? this.#inflight.nextId() : 0;
    const QoS = publisher ? 1 : 0;
    if (isHeldUp || !client.publish(topic, payload, byteLength, QoS, id, duplicate && QoS === 1)) {
      this.#isWanted = true;
      return false;
    }
    this.#pacing.spend(dataPoints, devices);
    if (publisher) this.#inflight.add(id, publisher, token);
    return true;
  }

  leaves(part: number, dataPoints: number, devices = 0): boolean {
    if (!this.isOpen) return false;
    if (this.#pacing.admit(dataPoints, part, devices)) return true;
    this.#isWanted = true;
    return false;
  }

  #makeHandler(): MqttHandler {
    return {
      onWritable: () => this.#onWritable(),
      onReadable: (topic, payload, byteLength, QoS, id) => {
        if (!this.#opening.isDone) this.#opening.onMessage(topic, payload, byteLength);
        else this.#report.onMessage(topic, this.#subscriptions.dispatch(topic, payload, byteLength));
        if (QoS === 1) this.#client?.acknowledge(id);
      },
      onDropped: (topic, byteLength) => {
        this.#report.onDropped(topic, byteLength);
        if (!this.#opening.isDone) this.#finish("payload-too-large");
      },
      onControl: (operation, id, payload, byteLength) => this.#onControl(operation, id, payload, byteLength),
      onError: (reason) => this.#finish(reason),
    };
  }

  #connect(): void {
    const { host, port } = this.#clientOptions;
    this.#enter("connecting", `${host}:${port}`);
    this.#isGreeted = false;
    this.#isAccepted = false;
    this.#isWanted = false;
    this.#client = new MqttClient(this.#clientOptions);
  }

  #onWritable(): void {
    this.#isGreeted = true;
    if (!this.#opening.isDone) {
      if (this.#client !== undefined) this.#opening.onWritable(this.#client);
      return;
    }
    const wasOpen = this.isOpen;
    this.#sendSubscriptions();
    this.#advance();
    if (wasOpen) this.#announceRoom();
  }

  #onControl(operation: number, id: number, payload: Uint8Array, byteLength: number): void {
    if (operation === Operation.CONNACK) this.#isAccepted = true;
    else if (!this.#opening.isDone) {
      if (operation === Operation.SUBACK) this.#opening.onSubscribed(payload, byteLength);
      return;
    } else if (operation === Operation.SUBACK) this.#subscriptions.settle(id, payload, byteLength);
    else if (operation === Operation.PUBACK) this.#inflight.settle(id, this.#isWanted);
    if (operation === Operation.SUBACK && this.#subscriptions.isAnswered) this.#subscribeTimer.stop();
    this.#advance();
    if (operation === Operation.PUBACK) this.#announceRoom();
  }

  #sendSubscriptions(): void {
    if (!this.#client || !this.#opening.isDone || this.#subscriptions.isSent) return;
    this.#subscriptions.send(this.#client, this.#inflight);
    this.#subscribeTimer.start(this.#settings.acknowledgeTimeout);
  }

  /** Takes every step of connecting whose condition holds; the callbacks in between may end the session. */
  #advance(): void {
    if (this.#state === "connecting" && this.#opening.isDone && this.#subscriptions.isSent) {
      this.#pacing.begin(1 + this.#subscriptions.count);
      this.#enter("open");
      this.#participants.tell("onOpen");
    }
    if (this.#state === "open" && this.#isAccepted) {
      this.#ladder.onAccepted();
      this.#enter("connected");
    }
    if (this.#state === "connected" && this.#subscriptions.isAnswered) {
      this.#enter("live", `${this.#subscriptions.count} subscriptions`);
      this.#participants.tell("onLive");
    }
  }

  #announceRoom(): void {
    if (!this.#isWanted || !this.isOpen) return;
    this.#isWanted = false;
    this.#participants.tellRoom(!this.#inflight.isFull);
  }

  /** The end of a connection, of an attempt, or of all waiting. */
  #finish(reason: Reason): void {
    const wasOpen = this.isOpen;
    const hadClient = this.#client !== undefined;
    this.#client?.close();
    this.#client = undefined;
    this.#subscribeTimer.stop();
    this.#subscriptions.reset();
    this.#opening.reset();
    this.#pacing.end();
    const named = this.#ladder.nameEnd(reason, hadClient && this.#isGreeted && !this.#isAccepted);
    this.#ladder.onEnded();
    if (hadClient) {
      this.#disconnects.add(named);
      const level = reason === "session-stopped" ? "info" : "warning";
      this.#log.write(level, "session.disconnected", `count ${this.#disconnects.of(named)}`, named);
    }
    this.#lastReason = named;
    this.#awaitNext();
    if (!wasOpen) return;
    this.#inflight.loseAll();
    this.#participants.tellClosed(named);
  }

  #awaitNext(): void {
    this.#pauseTimer.stop();
    if (this.#lastReason === "session-stopped") {
      this.#enter("stopped");
    } else if (this.#hasNetwork) {
      const pause: Milliseconds = this.#ladder.pauseAfter(this.#lastReason);
      this.#enter("waiting", `next attempt in ${pause} ms`);
      this.#pauseTimer.start(pause);
    } else {
      this.#enter("offline");
    }
  }

  #enter(state: SessionState, detail = ""): void {
    if (!canFollow(this.#state, state)) throw new Error(`session: ${state} cannot follow ${this.#state}`);
    this.#state = state;
    this.#log.write("info", `session.${state}`, detail);
  }
}
