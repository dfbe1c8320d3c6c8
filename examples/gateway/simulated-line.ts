// SPDX-License-Identifier: Apache-2.0
// A serial line with ten temperature sensors on it that come and go. On a board with a transceiver a UART takes its place.

import type { Clock, Milliseconds, Timer } from "modules/core/ports";
import { checksum, frameLength, type SerialLine } from "./field-bus.js";

const sensors = 10;

/** Of a sensor, and of nine bytes at 9,600 baud. */
const answerTime: Milliseconds = 15;

/** How long a sensor stays or is away, at the least, and how much longer it may be. */
const shortestStay: Milliseconds = 20_000;
const longerStay: Milliseconds = 40_000;

export class SimulatedLine implements SerialLine {
  onReceived: ((frame: Uint8Array) => void) | undefined = undefined;
  readonly #random: () => number;
  readonly #isThere: boolean[] = [];
  readonly #answerTimer: Timer;
  #asked = 0;

  constructor(clock: Clock, random: () => number) {
    this.#random = random;
    this.#answerTimer = clock.timer(() => this.#answer());
    for (let address = 0; address < sensors; address += 1) this.#plug(clock, address);
  }

  send(frame: Uint8Array): void {
    this.#asked = frame[0] as number;
    if (this.#isThere[this.#asked - 1] === true) this.#answerTimer.start(answerTime);
  }

  #plug(clock: Clock, index: number): void {
    this.#isThere.push(index % 2 === 0);
    const timer = clock.timer(() => {
      this.#isThere[index] = this.#isThere[index] !== true;
      timer.start(this.#stay());
    });
    timer.start(this.#stay());
  }

  #stay(): Milliseconds {
    return shortestStay + (this.#random() % longerStay);
  }

  /** Tenths of a degree, 18 to 26. */
  #answer(): void {
    const tenths = 180 + (this.#random() % 80);
    const frame = new Uint8Array(frameLength);
    frame.set([this.#asked, tenths >> 8, tenths & 0xff]);
    frame[frameLength - 1] = checksum(frame);
    this.onReceived?.(frame);
  }
}
