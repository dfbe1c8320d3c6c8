// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { isSameJson } from "../cloud/json-value.js";
import type { Clock, Milliseconds } from "../core/ports.js";

/** A server that has not told of a write by then has not taken it, or told nobody, because the value has the time of the one before. */
const patience: Milliseconds = 60_000;

/** Writes of one attribute that wait for their echo. More within a round trip are none that a program reacts to. */
const maxWaiting = 8;

class Write {
  readonly value: Json;
  readonly since: number;

  constructor(value: Json, since: number) {
    this.value = value;
    this.since = since;
  }
}

class Watched {
  /** In their order. */
  readonly writes: Write[] = [];
  /** What the server told last. */
  last: Json | undefined;
}

/**
 * Tells what the device wrote itself from what others did, where the server tells the device of both: of the attributes that the device
 * reads, what was written last and not told yet. What somebody else writes meanwhile makes the own writes ordinary again: whichever
 * the server tells last is in force, and the device has to learn of it.
 */
export class Echoes {
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The device reads this attribute. */
  watch(name: string): void {
    if (!this.#watched.has(name)) this.#watched.set(name, new Watched());
  }

  isWatched(name: string): boolean {
    return this.#watched.has(name);
  }

  /** The device writes a value of an attribute that it reads. */
  note(name: string, value: Json): void {
    const writes = this.#watched.get(name)?.writes;
    if (writes === undefined) return;
    if (writes.length >= maxWaiting) writes.shift();
    writes.push(new Write(value, this.#clock.ticks()));
  }

  /** The server tells a value, undefined for none. True where it is an echo. Echoes come in the order of the writes, though some do not come. */
  take(name: string, value: Json | undefined): boolean {
    const watched = this.#watched.get(name);
    if (watched === undefined) return false;
    const { writes, last } = watched;
    const told = value ?? null;
    watched.last = told;
    const index = writes.findIndex((write) => this.#isFresh(write) && isSameJson(write.value, told));
    // The server sends copies for each filter that a value matches: those are nobody's writes.
    const isCopy = index < 0 && last !== undefined && isSameJson(last, told);
    if (!isCopy) writes.splice(0, index < 0 ? writes.length : index + 1);
    return index >= 0;
  }

  #isFresh({ since }: Write): boolean {
    const age = this.#clock.elapsed(since);
    return age >= 0 && age <= patience;
  }
}
