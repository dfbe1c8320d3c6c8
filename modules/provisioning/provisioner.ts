// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "../cloud/credentials.js";
import type { ProvisioningDialect, ProvisionReply, ProvisionRequest } from "../cloud/dialect.js";
import { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, SocketFactory, Text, Timer } from "../core/ports.js";
import { SoleTimer } from "../core/sole-timer.js";
import { MqttClient } from "../mqtt/client.js";
import { Operation } from "../mqtt/packet.js";
import { ProvisionLadder } from "./provision-ladder.js";

/** From CONNECT to the reply; the server has to make a device and its credentials. */
const replyTimeout: Milliseconds = 30_000;

/** A certificate in PEM is the largest thing to be sent or received: 1 to 2 KB. The buffers are there while an attempt lasts. */
const maxMessageLength = 3_072;

/** CONNECT and SUBSCRIBE besides. */
const bufferLength = 4_096;

const subscribeId = 1;
const requestId = 2;

export interface ProvisionerOptions {
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly log: LogSink;
  readonly connect: SocketFactory;
  readonly server: { readonly host: string; readonly port: number };
  readonly clientId: string;
  readonly dialect: ProvisioningDialect;
  readonly request: ProvisionRequest;
  /** Counts the attempts that failed. */
  readonly failures: FailureLog;
  /** The server has given credentials; they are to be stored before this returns, because the server gives them once only. */
  readonly onProvisioned: (credentials: Credentials) => void;
  /** The server has answered, and refuses: in its own words. */
  readonly onRefused: (refusal: string) => void;
}

/**
 * Asks the server for credentials, each attempt in a session of its own, until it gets some or is stopped. What the server refuses
 * is asked for again, too, but slowly: an operator may change the device profile.
 */
export class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #ladder: ProvisionLadder;
  readonly #clientClock: SoleTimer;
  readonly #waitTimer: Timer;
  readonly #replyTimer: Timer;
  #client: MqttClient | undefined;
  #isRunning = false;
  #hasNetwork = false;
  #isWaiting = false;
  #attempts = 0;

  constructor(options: ProvisionerOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.#ladder = new ProvisionLadder(random);
    this.#clientClock = new SoleTimer(clock);
    this.#waitTimer = clock.timer(() => this.#attempt());
    this.#replyTimer = clock.timer(() => this.#fail("request-timeout"));
  }

  /** Attempts since construction. */
  get attempts(): number {
    return this.#attempts;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Begins at the first step of the ladder, or at the slow one. Idempotent. */
  start(isSlow = false): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#ladder.reset();
    if (isSlow) this.#ladder.giveUpHaste();
    this.#wait();
  }

  /** Ends the attempt under way, if any. Idempotent. */
  stop(): void {
    this.#isRunning = false;
    this.#isWaiting = false;
    this.#waitTimer.stop();
    this.#end();
  }

  /** An attempt is made when there is a network; one that is cut off by its loss takes a step of the ladder. */
  setNetwork(isUp: boolean): void {
    if (isUp === this.#hasNetwork) return;
    this.#hasNetwork = isUp;
    if (!isUp && this.#client !== undefined) this.#fail("wifi-lost");
    else if (isUp && this.#isRunning && !this.#isWaiting) this.#attempt();
  }

  #wait(): void {
    const wait = this.#ladder.next();
    this.#isWaiting = true;
    this.#options.log.write("info", "provisioning.waiting", `next attempt in ${wait} ms`);
    this.#waitTimer.start(wait);
  }

  #attempt(): void {
    this.#isWaiting = false;
    // `setNetwork` goes on from here.
    if (!this.#hasNetwork) return;
    const { text, connect, server, clientId, dialect, log } = this.#options;
    this.#attempts += 1;
    log.write("info", "provisioning.connecting", `attempt ${this.#attempts}`);
    this.#replyTimer.start(replyTimeout);
    this.#client = new MqttClient({
      ...{ clock: this.#clientClock, text, connect, host: server.host, port: server.port },
      ...{ id: clientId, user: dialect.user, receive: new Uint8Array(bufferLength) },
      transmit: new Uint8Array(bufferLength),
      onWritable: () => this.#ask(),
      // Not acknowledged: the session is over with it.
      onReadable: (topic, payload, byteLength) => {
        if (topic === dialect.responseTopic) this.#onReply(payload, byteLength);
      },
      onDropped: () => this.#fail("payload-too-large"),
      onControl: (operation, _id, codes) => {
        if (operation === Operation.SUBACK && (codes[0] ?? 0) > 1) this.#fail("subscription-refused");
      },
      onError: (reason) => this.#fail(reason),
    });
  }

  /** The reply comes without a subscription, too, but other platforms than the newest ask for one. */
  #ask(): void {
    const { text, dialect, request } = this.#options;
    const client = this.#client;
    if (client === undefined) return;
    const writer = new JsonWriter(text, maxMessageLength);
    dialect.writeRequest(writer, request);
    if (writer.hasOverflowed) {
      this.#fail("payload-too-large");
      return;
    }
    client.subscribe(subscribeId, [{ filter: dialect.responseTopic, QoS: 1 }]);
    client.publish(dialect.requestTopic, writer.bytes, writer.byteLength, 1, requestId, false);
  }

  #onReply(payload: Uint8Array, byteLength: number): void {
    const { dialect, request, onProvisioned, onRefused, log } = this.#options;
    const reply: ProvisionReply | Reason = dialect.readReply(payload, byteLength, request);
    if (typeof reply === "string") {
      this.#fail(reply);
      return;
    }
    if (reply.credentials === undefined) {
      this.#ladder.giveUpHaste();
      this.#fail("provisioning-refused", reply.refusal);
      onRefused(reply.refusal);
      return;
    }
    log.write("info", "provisioning.succeeded", reply.credentials.type);
    onProvisioned(reply.credentials);
    this.#client?.disconnect();
    this.stop();
  }

  #fail(reason: Reason, detail: string = reason): void {
    this.#options.failures.add(reason, detail);
    this.#end();
    if (this.#isRunning) this.#wait();
  }

  #end(): void {
    this.#replyTimer.stop();
    this.#client?.close();
    this.#client = undefined;
  }
}
