// SPDX-License-Identifier: Apache-2.0

import type { CertificateDialect, ProvisionedAsset } from "../cloud/dialect.js";
import { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import type { Clock, LogSink, Milliseconds, Text, Timer } from "../core/ports.js";
import type { Prelude, PreludeConnection } from "../session/prelude.js";

/** The manager reckons with clients that wait 20 s, and drops what it cannot do in time. */
const responseTimeout: Milliseconds = 30_000;

export interface CertificatePreludeOptions {
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  readonly dialect: CertificateDialect;
  /** The connection is the device's from now on. False where it is of no use. */
  readonly onProvisioned: (asset: ProvisionedAsset) => boolean;
}

/**
 * Makes each connection the device's by its certificate: subscribes to the response, and when that is granted sends the certificate. A
 * subscription that is refused is still that of the connection before.
 */
export class CertificatePrelude implements Prelude {
  readonly #options: CertificatePreludeOptions;
  readonly #timer: Timer;
  #connection: PreludeConnection | undefined;
  #isSubscribed = false;
  #isGranted = false;
  #isAsked = false;
  #attempts = 0;

  constructor(options: CertificatePreludeOptions) {
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#fail("request-timeout", "no response"));
  }

  get maxPayload(): number {
    return this.#options.dialect.requestLength;
  }

  /** Requests since construction. */
  get attempts(): number {
    return this.#attempts;
  }

  begin(connection: PreludeConnection): void {
    this.#connection = connection;
    this.#timer.start(responseTimeout);
    this.onRoom();
  }

  onRoom(): void {
    const { dialect, text } = this.#options;
    if (!this.#isSubscribed) this.#isSubscribed = this.#connection?.subscribe(dialect.responseTopic) === true;
    if (!this.#isGranted || this.#isAsked) return;
    // Made anew each time: the certificate is long, and connections are few.
    const writer = new JsonWriter(text, dialect.requestLength);
    dialect.writeRequest(writer);
    this.#isAsked = this.#connection?.publish(dialect.requestTopic, writer.bytes, writer.byteLength) === true;
    if (this.#isAsked) this.#attempts += 1;
  }

  onSubscribed(isGranted: boolean): void {
    this.#isGranted = isGranted;
    if (isGranted) this.onRoom();
    else this.#fail("provisioning-busy", "the connection before has not ended yet");
  }

  onMessage(topic: string, payload: Uint8Array, byteLength: number): void {
    const { dialect, log, onProvisioned } = this.#options;
    if (topic !== dialect.responseTopic || !this.#isAsked) return;
    const response = dialect.readResponse(payload, byteLength);
    if ("reason" in response) {
      this.#fail(response.reason, response.word);
      return;
    }
    log.write("info", "provisioning.succeeded", `asset ${response.assetId} of ${response.realm}`);
    if (onProvisioned(response)) this.#connection?.finish();
    else this.#fail("provisioning-refused", "another asset than before");
  }

  end(): void {
    this.#timer.stop();
    this.#connection = undefined;
    this.#isSubscribed = false;
    this.#isGranted = false;
    this.#isAsked = false;
  }

  #fail(reason: Reason, detail: string): void {
    const connection = this.#connection;
    this.#options.log.write("warning", "provisioning.failed", detail, reason);
    connection?.fail(reason);
  }
}
