// SPDX-License-Identifier: Apache-2.0

import type { ClientAttributes } from "./client.js";

/** Client attribute: an object of what is wrong with the server's values, by the names of shared attributes. */
const errorsName = "sharedErrors";

/** Characters of one problem. */
const maxProblemLength = 80;

/**
 * Tells the server which shared attributes it has set to values that the device does not take, and why. It says at every start
 * that all is well, because what was wrong before may have been put right meanwhile.
 */
export class SharedErrors {
  readonly #client: ClientAttributes;
  /** As many as there are names, in the order in which they were found. */
  readonly #problems = new Map<string, string>();

  constructor(client: ClientAttributes) {
    this.#client = client;
    this.#publish();
  }

  /** `problem` undefined: the value is good, or gone. */
  set(name: string, problem: string | undefined): void {
    const told = problem?.slice(0, maxProblemLength);
    if (this.#problems.get(name) === told) return;
    this.#problems.delete(name);
    if (told !== undefined) this.#problems.set(name, told);
    this.#publish();
  }

  /** The latest problems, as far as they fit into one attribute. */
  #publish(): void {
    const told = new Map(this.#problems);
    for (const name of this.#problems.keys()) {
      if (this.#client.fits(errorsName, told)) break;
      told.delete(name);
    }
    this.#client.publish({ [errorsName]: told });
  }
}
