// SPDX-License-Identifier: Apache-2.0
// A made-up field bus: the master asks one address after the other, and who is there answers with four bytes.

import type { Clock, Milliseconds, Timer } from "modules/core/ports";

export const frameLength = 4;

/** Addresses that are asked, from 1 on. */
const addresses = 10;

const silence: Milliseconds = 50;
const pause: Milliseconds = 100;

/** Rounds in which a sensor may fail to answer before it counts as gone. */
const patience = 3;

export interface SerialLine {
  send(frame: Uint8Array): void;
  onReceived: ((frame: Uint8Array) => void) | undefined;
}

export interface FieldBusHandler {
  onFound(address: number): void;
  /** Degrees Celsius. */
  onMeasured(address: number, temperature: number): void;
  onGone(address: number): void;
}

export class FieldBus {
  readonly #line: SerialLine;
  readonly #handler: FieldBusHandler;
  readonly #timer: Timer;
  /** Rounds without an answer, by address. */
  readonly #missed: number[] = new Array(addresses + 1).fill(patience);
  #address = 0;
  #isWaiting = false;

  constructor(clock: Clock, line: SerialLine, handler: FieldBusHandler) {
    this.#line = line;
    this.#handler = handler;
    this.#timer = clock.timer(() => this.#next());
    line.onReceived = (frame) => this.#onReceived(frame);
    this.#timer.start(pause);
  }

  #next(): void {
    if (this.#isWaiting) this.#onMissed();
    this.#address = this.#address === addresses ? 1 : this.#address + 1;
    this.#isWaiting = true;
    this.#line.send(new Uint8Array([this.#address]));
    this.#timer.start(silence);
  }

  #onMissed(): void {
    const missed = (this.#missed[this.#address] as number) + 1;
    this.#missed[this.#address] = Math.min(missed, patience);
    if (missed === patience) this.#handler.onGone(this.#address);
  }

  #onReceived(frame: Uint8Array): void {
    const address = frame[0] as number;
    const isMeant = this.#isWaiting && address === this.#address && frame.length === frameLength;
    if (!isMeant || frame[frameLength - 1] !== checksum(frame)) return;
    const isNew = this.#missed[address] === patience;
    this.#missed[address] = 0;
    this.#isWaiting = false;
    this.#timer.start(pause);
    if (isNew) this.#handler.onFound(address);
    this.#handler.onMeasured(address, (((frame[1] as number) << 8) | (frame[2] as number)) / 10);
  }
}

/** Of all bytes but the last. */
export function checksum(frame: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < frame.length - 1; at += 1) sum = (sum + (frame[at] as number)) & 0xff;
  return sum;
}
