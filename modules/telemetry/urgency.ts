// SPDX-License-Identifier: Apache-2.0

import { type Ledger, move, type Place } from "./ledger.js";

/** The oldest and the newest sample that go ahead of everything before them, and so does what lies between them. */
export class Urgency {
  readonly #oldest: Place = { position: -1, time: 0 };
  #newest = -1;

  /** What was added from a place on is urgent. `head` is the oldest datum there is. */
  add(from: Readonly<Place>, head: Readonly<Place>): void {
    if (this.#newest < head.position) move(this.#oldest, from);
    // What lies before the head gave way, perhaps the beginning of the sample itself.
    this.#newest = Math.max(from.position, head.position);
  }

  /** Moves a place to the oldest urgent datum that waits, by the ledger. False when there is none. */
  seek(place: Place, head: Readonly<Place>, ledger: Ledger): boolean {
    if (this.#newest < head.position) return false;
    move(place, this.#oldest.position < head.position ? head : this.#oldest);
    ledger.advance(place);
    return place.position <= this.#newest;
  }
}
