// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "../core/ports.js";

/** So long must a session have been live before a suspect is tried: what else the device sends at connect may be the culprit. */
const quietTime: Milliseconds = 2_000;

/** What the end of a session proves against what was under way when the server had not yet answered: it may be out of order. */
const weightBeforeLive = 0.25;

/**
 * Says when data that are suspected of ending sessions are published: nothing else is under way then, and the session has proved
 * quiet. Before that, and in turn with the suspects, others may go. When sessions end before it comes to a trial, the next one
 * keeps the others back, since they may be the reason. When even that one ends too early, the one after it tries the suspects at
 * once, which proves nothing against them but gets the innocent through a link that never lasts.
 */
export class Trial {
  readonly #timer: Timer;
  /** Sessions in a row that ended before a suspect was tried. */
  #untried = 0;
  #wasTried = false;
  #isLive = false;
  #isQuiet = false;
  #isOthersTurn = false;
  /** A suspect, or a witness, is under way: everything else waits. */
  isUnderWay = false;

  /** `onDue` follows `onLive` where there is a suspect. */
  constructor(clock: Clock, onDue: () => void) {
    this.#timer = clock.timer(() => {
      this.#isQuiet = true;
      onDue();
    });
  }

  /** Whether a suspect may be tried. */
  get isDue(): boolean {
    return this.#isQuiet || this.isHasty;
  }

  /** Whether suspects are tried at once in this session, so that its end proves nothing against them. */
  get isHasty(): boolean {
    return this.#untried % 3 === 2;
  }

  /** What the end of this session proves against what is under way, 0 to 1. */
  get weight(): number {
    if (this.isHasty) return 0;
    return this.#isLive ? 1 : weightBeforeLive;
  }

  /** Whether nothing but the suspects is published before they were tried. */
  get isStrict(): boolean {
    return this.#untried % 3 === 1;
  }

  /** Whether others may be published, which takes their turn. */
  admitOthers(): boolean {
    if (this.isUnderWay) return false;
    if (!this.isDue) return !this.isStrict;
    const isTheirTurn = this.#isOthersTurn;
    this.#isOthersTurn = false;
    return isTheirTurn;
  }

  onLive(hasSuspect: boolean): void {
    this.#isLive = true;
    if (hasSuspect) this.#timer.start(quietTime);
  }

  /** A suspect was published, or a witness. */
  onPublished(isSuspect: boolean): void {
    this.isUnderWay = true;
    this.#wasTried ||= isSuspect;
  }

  onAcknowledged(): void {
    if (!this.isUnderWay) return;
    this.isUnderWay = false;
    this.#isOthersTurn = true;
  }

  onClosed(hasSuspect: boolean): void {
    this.#timer.stop();
    this.#untried = hasSuspect && !this.#wasTried ? this.#untried + 1 : 0;
    this.#wasTried = false;
    this.#isLive = false;
    this.#isQuiet = false;
    this.#isOthersTurn = false;
    this.isUnderWay = false;
  }
}
