// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";

/** When a device may be updated, by the clock of UTC. */
export interface Maintenance {
  /** "HH:MM", 00:00 to 23:59. */
  readonly start: string;
  /** The first minute that is not in it. Before `start`: on the next day. */
  readonly end: string;
  /** Days on which it starts, 0 for Sunday to 6. Default: all. */
  readonly days?: readonly number[];
}

const minute: Milliseconds = 60_000;
const minutesPerDay = 1_440;

/** 1970-01-01 was a Thursday. */
const firstDay = 4;

const dayNames: readonly string[] = Object.freeze(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]);

/** A part of the day, every day or on some, maybe over midnight. */
export class MaintenanceWindow {
  readonly #maintenance: Maintenance;
  readonly #start: number;
  readonly #end: number;

  /** Throws `RangeError` for what is no time, for a window without a length, and for days that there are not. */
  constructor(maintenance: Maintenance) {
    const { start, end, days } = maintenance;
    this.#start = minuteOfDay(start, "start");
    this.#end = minuteOfDay(end, "end");
    if (this.#start === this.#end) throw new RangeError("end: the same as start");
    if (days?.length === 0) throw new RangeError("days: none");
    if (days?.some((day) => dayNames[day] === undefined)) throw new RangeError("days: not all from 0 to 6");
    this.#maintenance = maintenance;
  }

  isOpen(epoch: Milliseconds): boolean {
    const minutes = Math.floor(epoch / minute);
    const now = minutes % minutesPerDay;
    const today = (Math.floor(minutes / minutesPerDay) + firstDay) % dayNames.length;
    const yesterday = (today + dayNames.length - 1) % dayNames.length;
    if (this.#start < this.#end) return now >= this.#start && now < this.#end && this.#startsOn(today);
    return (now >= this.#start && this.#startsOn(today)) || (now < this.#end && this.#startsOn(yesterday));
  }

  /** For people, as in "02:00-04:00 UTC on Sun, Sat". */
  toString(): string {
    const { start, end, days } = this.#maintenance;
    const hours = `${start}-${end} UTC`;
    return days === undefined ? hours : `${hours} on ${days.map((day) => dayNames[day]).join(", ")}`;
  }

  #startsOn(day: number): boolean {
    return this.#maintenance.days?.includes(day) ?? true;
  }
}

function minuteOfDay(time: string, name: string): number {
  const hours = twoDigits(time, 0);
  const minutes = twoDigits(time, 3);
  if (time.length !== 5 || time.charAt(2) !== ":" || !(hours < 24) || !(minutes < 60))
    throw new RangeError(`${name}: not a time from 00:00 to 23:59`);
  return hours * 60 + minutes;
}

/** NaN where there are none. */
function twoDigits(text: string, at: number): number {
  return 10 * digit(text.charCodeAt(at)) + digit(text.charCodeAt(at + 1));
}

function digit(code: number): number {
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : Number.NaN;
}
