// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds } from "../core/ports.js";

/** More names than a device publishes. */
const maxNames = 255;

/** Somebody may have given the asset the attribute, or the user the role, without the manager telling of it. */
const firstPause: Milliseconds = 3_600_000;

/** Each attempt costs a few sessions. */
const longestPause: Milliseconds = 24 * 3_600_000;

class Refusal {
  since: number;
  pause: Milliseconds = firstPause;

  constructor(since: number) {
    this.since = since;
  }
}

/**
 * Attributes that are not written: a session ends for an attribute that the asset lacks, or that is not the device's to write. After an
 * hour one is tried again, after twice as long each time it is refused anew, or at once when the manager tells of it.
 */
export class OpenRemoteRefusals {
  readonly #clock: Clock;
  readonly #silenced: readonly string[];
  readonly #found = new Map<string, Refusal>();

  /** `silenced` are never written, whatever happens. */
  constructor(clock: Clock, silenced: readonly string[]) {
    this.#clock = clock;
    this.#silenced = silenced;
  }

  has(name: string): boolean {
    const refusal = this.#found.get(name);
    return (refusal !== undefined && this.#remains(refusal)) || this.#silenced.includes(name);
  }

  /** Sessions ended for this attribute. */
  add(name: string): void {
    const known = this.#found.get(name);
    if (known === undefined) {
      if (this.#found.size < maxNames) this.#found.set(name, new Refusal(this.#clock.ticks()));
    } else if (!this.#remains(known)) {
      known.pause = Math.min(known.pause * 2, longestPause);
      known.since = this.#clock.ticks();
    }
  }

  /** The manager told of the attribute, so that by now the asset has it. */
  onSeen(name: string): void {
    this.#found.delete(name);
  }

  /** The manager told that the asset is another than before. */
  onAssetChanged(): void {
    this.#found.clear();
  }

  #remains({ since, pause }: Refusal): boolean {
    const elapsed = this.#clock.elapsed(since);
    return elapsed >= 0 && elapsed < pause;
  }
}
