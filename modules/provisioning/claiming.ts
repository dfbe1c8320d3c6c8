// SPDX-License-Identifier: Apache-2.0

import { type ClaimRequest, checkClaim, longestSecret } from "../cloud/claim.js";
import type { ClaimDialect } from "../cloud/dialect.js";
import { JsonWriter } from "../cloud/json-writer.js";
import type { Clock, LogSink, Milliseconds, Text, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";

export interface ClaimingOptions {
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  readonly link: Link;
  /** Undefined where the platform has no claiming. */
  readonly dialect: ClaimDialect | undefined;
}

/** Bytes of a claim: every character of the secret escaped, and the rest. */
const maxBytes = longestSecret * 6 + 64;

/**
 * Lets a user of the platform take the device over. The server keeps a claim in its memory and answers nothing, so it is stated
 * again at each connect while its time lasts, for as long as is left of it.
 */
export class Claiming implements Participant, Publisher {
  readonly #options: ClaimingOptions;
  /** Made with the first claim: most devices are never claimed. */
  #timer: Timer | undefined;
  #secretKey: string | undefined;
  #duration: Milliseconds = 0;
  #since = 0;
  #isOpen = false;
  #isDue = false;

  constructor(options: ClaimingOptions) {
    this.#options = options;
    options.link.join(this);
  }

  /** Whether the time of a claim still lasts. */
  get isOpen(): boolean {
    return this.#isOpen && this.#left > 0;
  }

  /**
   * Opens the device to be claimed, from now on; a claim that is open already gives way, though the server keeps its secret until
   * its time is over. Throws `TypeError` or `RangeError` naming the field, and then nothing changed; `RangeError` where the platform has
   * no claiming.
   */
  open(request: ClaimRequest = {}): void {
    if (this.#options.dialect === undefined) throw new RangeError("claiming.open: the platform has no claiming");
    const { secretKey, duration } = checkClaim(request);
    this.#duration = duration;
    this.#secretKey = secretKey;
    const { clock } = this.#options;
    this.#since = clock.ticks();
    this.#isOpen = true;
    this.#isDue = true;
    this.#options.log.write("info", "claim.open", `for ${duration} ms`);
    this.#timer ??= clock.timer(() => this.#onTimer());
    this.#timer.start(0);
  }

  onOpen(): void {
    this.#isDue = this.#isOpen;
    this.#send();
  }

  onLive(): void {}

  onClosed(): void {}

  onRoom(): void {
    this.#send();
  }

  onAcknowledged(): void {
    this.#options.log.write("info", "claim.sent", "the server has it");
  }

  onLost(): void {}

  #onTimer(): void {
    if (this.#left <= 0) {
      this.#isOpen = false;
      this.#isDue = false;
      this.#secretKey = undefined;
      this.#options.log.write("info", "claim.over", "");
      return;
    }
    this.#timer?.start(this.#left);
    this.#send();
  }

  get #left(): Milliseconds {
    return this.#duration - this.#options.clock.elapsed(this.#since);
  }

  #send(): void {
    const { text, log, link, dialect } = this.#options;
    const left = Math.round(this.#left);
    if (dialect === undefined || !this.#isDue || !link.isOpen || left <= 0) return;
    // Made anew each time: claims are rare.
    const writer = new JsonWriter(text, maxBytes);
    dialect.writeClaim(writer, this.#secretKey, left);
    if (writer.byteLength > link.maxPayload) {
      this.#isDue = false;
      log.write("warning", "claim.failed", `${writer.byteLength} bytes, over ${link.maxPayload}`, "payload-too-large");
      return;
    }
    this.#isDue = !link.publish(dialect.topic, writer.bytes, writer.byteLength, this);
  }
}
