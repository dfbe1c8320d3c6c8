// SPDX-License-Identifier: Apache-2.0

/**
 * The one door through which the SDK calls the firmware. An exception that left a callback would abort the XS machine
 * without a word; here it is reported once, and nothing is called afterwards.
 */
export class Guard {
  readonly #onPanic: (error: unknown) => void;
  #isOpen = true;

  /** `onPanic` gets the first exception that escapes. */
  constructor(onPanic: (error: unknown) => void) {
    this.#onPanic = onPanic;
  }

  /** Runs `callback` unless the firmware has ended. The value is passed on, so that no closure is needed for it. */
  enter<Value>(callback: (value: Value) => void, value: Value): void {
    if (!this.#isOpen) return;
    try {
      callback(value);
    } catch (error) {
      this.#isOpen = false;
      this.#onPanic(error);
    }
  }

  /** Shuts the door for good. Idempotent. */
  close(): void {
    this.#isOpen = false;
  }
}

/** An exception with its stack where the build keeps one, in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stack } = error;
  return stack === undefined || stack === "" ? String(error) : stack.split("\n").join(" ");
}
