// SPDX-License-Identifier: Apache-2.0

import type { ServiceUser } from "./user.js";

/** Tells of changes to the assets linked to a user, once they came to rest. */
export class LinkChanges {
  readonly #delay: number;
  readonly #onChanged: (user: ServiceUser) => void;
  readonly #timers = new Map<ServiceUser, NodeJS.Timeout>();

  /** @param delay milliseconds without a change */
  constructor(delay: number, onChanged: (user: ServiceUser) => void) {
    this.#delay = delay;
    this.#onChanged = onChanged;
  }

  changed(user: ServiceUser): void {
    clearTimeout(this.#timers.get(user));
    const timer = setTimeout(() => {
      this.#timers.delete(user);
      this.#onChanged(user);
    }, this.#delay);
    this.#timers.set(user, timer.unref());
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
