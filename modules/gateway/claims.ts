// SPDX-License-Identifier: Apache-2.0

import { type ClaimRequest, checkClaim } from "../cloud/claim.js";
import type { Milliseconds, Timer } from "../core/ports.js";
import { indifferent } from "../session/exchange.js";
import type { GatewayChild } from "./child.js";
import type { GatewayParts } from "./options.js";

/** Sub-devices in one message: the server counts a message for each, so that many at once would keep others waiting. */
const mostTogether = 8;

interface Claim {
  readonly secretKey: string | undefined;
  readonly duration: Milliseconds;
  readonly since: number;
  isDue: boolean;
}

/**
 * Lets users of the platform take sub-devices over, several in one message. As with the device itself, the server answers nothing, so
 * a claim is stated again at each connect while its time lasts, for as long as is left of it.
 */
export class GatewayClaims {
  readonly #parts: GatewayParts;
  readonly #timer: Timer;
  /** What the message holds that was written last. */
  readonly #written: Claim[] = [];
  readonly #claims = new Map<GatewayChild, Claim>();

  constructor(parts: GatewayParts) {
    const { link, clock } = parts;
    this.#parts = parts;
    this.#timer = clock.timer(() => this.#onTimer());
    link.join({
      onOpen: () => {
        for (const claim of this.#claims.values()) claim.isDue = true;
      },
      onLive: () => {},
      onClosed: () => {},
      onRoom: () => this.#send(),
    });
  }

  /** Whether the time of a claim still lasts. */
  isOpen(child: GatewayChild): boolean {
    const claim = this.#claims.get(child);
    return claim !== undefined && this.#leftOf(claim) > 0;
  }

  /** Opens the child to be claimed, from now on. Throws `TypeError` or `RangeError` naming the field, and then nothing changed. */
  open(child: GatewayChild, request: ClaimRequest = {}): void {
    const { secretKey, duration } = checkClaim(request);
    this.#claims.set(child, { secretKey, duration, since: this.#parts.clock.ticks(), isDue: true });
    this.#parts.log.write("info", "claim.open", `${child.name}, for ${duration} ms`);
    this.#timer.start(0);
  }

  /** The child is not there to be claimed any more. */
  forget(child: GatewayChild): void {
    this.#claims.delete(child);
  }

  #onTimer(): void {
    let soonest = Number.POSITIVE_INFINITY;
    for (const [child, claim] of this.#claims) {
      const left = this.#leftOf(claim);
      if (left <= 0) this.#claims.delete(child);
      else soonest = Math.min(soonest, left);
    }
    if (soonest !== Number.POSITIVE_INFINITY) this.#timer.start(soonest);
    this.#send();
  }

  #leftOf(claim: Claim): Milliseconds {
    return Math.round(claim.duration - this.#parts.clock.elapsed(claim.since));
  }

  #send(): void {
    const { link, dialect, writer } = this.#parts;
    if (!link.isClear) return;
    while (this.#write()) {
      const { bytes, byteLength } = writer;
      const devices = this.#written.length;
      if (!link.publish(dialect.claimTopic, bytes, byteLength, indifferent, 0, false, 0, devices)) return;
      for (const claim of this.#written) claim.isDue = false;
    }
  }

  /** As many claims as fit into one message; false for none. */
  #write(): boolean {
    const { link, dialect, claim: terms, writer, log } = this.#parts;
    const max = Math.min(writer.bytes.length, link.maxPayload) - dialect.closingBytes;
    const most = Math.min(mostTogether, link.maxDevices);
    this.#written.length = 0;
    writer.reset();
    dialect.beginMessage(writer);
    for (const [child, claim] of this.#claims) {
      const left = this.#leftOf(claim);
      if (!claim.isDue || left <= 0 || this.#written.length >= most) continue;
      const mark = writer.mark();
      dialect.beginDevice(writer, child.name);
      terms.writeTerms(writer, claim.secretKey, left);
      if (!writer.hasOverflowed && writer.byteLength <= max) {
        dialect.endDevice(writer);
        this.#written.push(claim);
        continue;
      }
      writer.rewind(mark);
      if (this.#written.length > 0) break;
      claim.isDue = false;
      log.write("warning", "claim.failed", child.name, "payload-too-large");
    }
    dialect.endMessage(writer);
    return this.#written.length > 0;
  }
}
