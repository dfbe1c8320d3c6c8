// SPDX-License-Identifier: Apache-2.0

/**
 * The one door through which the platform calls the firmware. An exception that escapes ends the firmware, as it does on
 * the chip: it is reported once, and nothing is called afterwards.
 */
export class Guard {
  readonly #onPanic: (error: unknown) => void;
  readonly #releases: (() => void)[] = [];
  #isOpen = true;

  /** `onPanic` gets the first exception that escapes. */
  constructor(onPanic: (error: unknown) => void) {
    this.#onPanic = onPanic;
  }

  /** Runs `callback` unless the firmware has ended. */
  enter(callback: () => void): void {
    if (!this.#isOpen) return;
    try {
      callback();
    } catch (error) {
      this.panic(error);
    }
  }

  /** For an exception that was caught elsewhere. Idempotent. */
  panic(error: unknown): void {
    if (!this.#isOpen) return;
    this.close();
    this.#onPanic(error);
  }

  /** Shuts the door: without a panic it is a clean end. Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const release of this.#releases) release();
  }

  /** `release` runs when the door shuts: what would only call the firmware has no reason to stay. */
  onClose(release: () => void): void {
    this.#releases.push(release);
  }
}

/** An exception with its stack, in one line. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return text
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
}
