// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { KeyNames } from "./key-table.js";
import type { Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import type { Datum } from "./record.js";
import { ownSource, type SourceNames } from "./source-table.js";

/** Tells of single data of a queue what they are. */
export class DatumLookup {
  readonly #queue: Queue;
  readonly #keys: KeyNames;
  readonly #sources: SourceNames | undefined;
  readonly #datum: Datum;

  /** `datum` is filled at each question. */
  constructor(queue: Queue, keys: KeyNames, sources: SourceNames | undefined, datum: Datum) {
    this.#queue = queue;
    this.#keys = keys;
    this.#sources = sources;
    this.#datum = datum;
  }

  keyAt(place: Readonly<Place>): string {
    this.#queue.read(place, this.#datum);
    return this.#keys.keyOf(this.#datum.key);
  }

  /** Name of the sub-device that the datum at a place is of; undefined for the device itself, and where there are none. */
  sourceAt(place: Readonly<Place>): string | undefined {
    this.#queue.read(place, this.#datum);
    const { source } = this.#datum;
    return source === ownSource ? undefined : this.#sources?.sourceOf(source);
  }

  /** Key and source, to report a datum that can never be sent. */
  describe(place: Readonly<Place>): string {
    const source = this.sourceAt(place);
    const key = this.keyAt(place);
    return source === undefined ? key : `${key} of ${source}`;
  }

  /** Whether the datum at a place is of a sub-device. */
  isOfSource(place: Readonly<Place>): boolean {
    this.#queue.read(place, this.#datum);
    return this.#datum.source !== ownSource;
  }

  timeAt(place: Readonly<Place>): Milliseconds {
    this.#queue.read(place, this.#datum);
    return this.#datum.time;
  }

  /** Moves a place behind the datum it is at. */
  skip(place: Place): void {
    this.#queue.read(place, this.#datum);
    place.position = this.#datum.end;
    place.time = this.#datum.time;
  }
}
