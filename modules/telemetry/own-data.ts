// SPDX-License-Identifier: Apache-2.0

import type { DatumLookup } from "./datum-lookup.js";
import { type Ledger, move, type Place } from "./ledger.js";

/** Finds the device's own data among those of sub-devices, without looking twice at what it has passed. */
export class OwnData {
  /** All that waits before this is of sub-devices. */
  readonly #place: Place = { position: 0, time: 0 };

  /** Moves a place to the first datum of the device itself from there on that waits, by the ledger. False when there is none before `end`. */
  seek(place: Place, end: number, ledger: Ledger, lookup: DatumLookup): boolean {
    const own = this.#place;
    if (own.position < place.position) move(own, place);
    for (ledger.advance(own); own.position < end; ledger.advance(own)) {
      if (!lookup.isOfSource(own)) {
        move(place, own);
        return true;
      }
      lookup.skip(own);
    }
    return false;
  }

  /** What was under way waits again. */
  rewind(): void {
    this.#place.position = 0;
  }
}
