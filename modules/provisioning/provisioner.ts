// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "../cloud/credentials.js";
import type { ProvisioningDialect, ProvisionReply, ProvisionRequest } from "../cloud/dialect.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { type Reason, retryOf } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, SocketFactory, Text, Timer } from "../core/ports.js";
import { MqttClient } from "../mqtt/client.js";
import { ProvisionLadder } from "./provision-ladder.js";

/** Of a whole attempt, name, TCP and TLS included; the server has to make a device and its credentials. */
const attemptTimeout: Milliseconds = 30_000;

/** A certificate is the largest thing to be sent or received: 1 to 2 KB. The buffers are there while an attempt lasts. */
const maxRequestLength = 3_072;

/** CONNECT and SUBSCRIBE besides; a reply has the whole of its own. */
const bufferLength = 4_096;

const subscribeId = 1;
const requestId = 2;

export interface ProvisionerOptions {
  /** Each attempt makes a timer: one whose timers go with whoever has them, such as `SharedClock`. */
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly log: LogSink;
  readonly connect: SocketFactory;
  readonly server: { readonly host: string; readonly port: number };
  readonly clientId: string;
  readonly dialect: ProvisioningDialect;
  /** What to ask for, at each attempt anew; undefined, and the attempt fails, while the answer could not be stored. */
  readonly request: () => ProvisionRequest | undefined;
  /** Counts the attempts that failed. */
  readonly failures: FailureLog;
  /** The server has given credentials, and the provisioner has stopped. They are to be stored in here: the server gives them only once. */
  readonly onProvisioned: (credentials: Credentials) => void;
  /**
   * An attempt failed, and the next one is far away unless the provisioner is stopped in here. `refusal` are the server's words
   * where it has answered, and refuses.
   */
  readonly onSlow: (refusal: string | undefined) => void;
}

/**
 * Asks the server for credentials, each attempt in a session of its own, until it gets some or is stopped. What the server refuses
 * is asked for again, too, but slowly: an operator may change the device profile.
 */
export class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #ladder: ProvisionLadder;
  readonly #waitTimer: Timer;
  readonly #attemptTimer: Timer;
  #client: MqttClient | undefined;
  #request: ProvisionRequest | undefined;
  #isRunning = false;
  #hasNetwork = false;
  #isWaiting = false;
  #attempts = 0;

  constructor(options: ProvisionerOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.#ladder = new ProvisionLadder(random);
    this.#waitTimer = clock.timer(() => this.#attempt());
    this.#attemptTimer = clock.timer(() => this.#fail("request-timeout"));
  }

  /** Attempts since construction. */
  get attempts(): number {
    return this.#attempts;
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
    const { clock, text, connect, server, clientId, dialect, log, request } = this.#options;
    this.#request = request();
    if (this.#request === undefined) {
      this.#fail("storage-failed", "not asked for what could not be kept");
      return;
    }
    this.#attempts += 1;
    log.write("info", "provisioning.connecting", `attempt ${this.#attempts}`);
    this.#attemptTimer.start(attemptTimeout);
    this.#client = new MqttClient({
      ...{ clock, text, connect, host: server.host, port: server.port },
      ...{ id: clientId, user: dialect.user, receive: new Uint8Array(bufferLength) },
      transmit: new Uint8Array(bufferLength),
      onWritable: () => this.#ask(),
      // Not acknowledged: the session is over with it.
      onReadable: (topic, payload, byteLength) => {
        if (topic === dialect.responseTopic) this.#onReply(payload, byteLength);
      },
      onDropped: (topic) => {
        if (topic === dialect.responseTopic) this.#fail("payload-too-large");
      },
      // A refused subscription does not matter either: credentials are given once, and may be on their way.
      onControl: () => {},
      onError: (reason) => this.#fail(reason),
    });
  }

  /** ThingsBoard replies without a subscription, too. */
  #ask(): void {
    const { text, dialect } = this.#options;
    const client = this.#client;
    if (client === undefined || this.#request === undefined) return;
    const writer = new JsonWriter(text, maxRequestLength);
    dialect.writeRequest(writer, this.#request);
    if (writer.hasOverflowed) {
      this.#fail("payload-too-large", "the request");
      return;
    }
    client.subscribe(subscribeId, [{ filter: dialect.responseTopic, QoS: 1 }]);
    client.publish(dialect.requestTopic, writer.bytes, writer.byteLength, 1, requestId, false);
  }

  #onReply(payload: Uint8Array, byteLength: number): void {
    const { dialect, onProvisioned, log } = this.#options;
    if (this.#request === undefined) return;
    const reply: ProvisionReply | Reason = dialect.readReply(payload, byteLength, this.#request);
    if (typeof reply === "string") {
      this.#fail(reply);
      return;
    }
    if (reply.credentials === undefined) {
      this.#fail("provisioning-refused", reply.refusal, reply.refusal);
      return;
    }
    this.#client?.disconnect();
    this.stop();
    log.write("info", "provisioning.succeeded", reply.credentials.type);
    onProvisioned(reply.credentials);
  }

  #fail(reason: Reason, detail: string = reason, refusal?: string): void {
    const { failures, onSlow } = this.#options;
    failures.add(reason, detail);
    this.#end();
    if (retryOf(reason) !== "soon") this.#ladder.giveUpHaste();
    if (this.#ladder.isSlow) onSlow(refusal);
    if (this.#isRunning) this.#wait();
  }

  #end(): void {
    this.#attemptTimer.stop();
    this.#client?.close();
    this.#client = undefined;
    this.#request = undefined;
  }
}
