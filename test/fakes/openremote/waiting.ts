// SPDX-License-Identifier: Apache-2.0

/** Long enough for a loaded machine; nobody waits for it when all is right. */
const patience = 10_000;

/** Lets a test wait until something is so. */
export class Waiting {
  readonly #listeners = new Set<() => void>();

  /** To be called when something happened. */
  wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** @throws {Error} it is not so in time */
  until(isSo: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        settle();
      };
      const timer = setTimeout(() => end(() => reject(new Error(`not within ${patience} ms: ${what}`))), patience);
      const look = (): void => {
        if (isSo()) end(resolve);
      };
      this.#listeners.add(look);
      look();
    });
  }
}
