// SPDX-License-Identifier: Apache-2.0
// What the bench can ask of the rig in the machine. Shared by both sides.

/** A command is its number and two arguments, 32 bits each. */
export const commands = Object.freeze({
  /** Makes the rig: round trip in milliseconds, capacity of the queue in bytes. */
  prepare: 0,
  /** Makes the device. */
  make: 1,
  /** Starts it and lets a minute pass. */
  start: 2,
  /** Records and delivers batches of 20 instants of 5 keys: how many. */
  rounds: 3,
  /** Records numbers until the queue is full. */
  fill: 4,
  /** Messages from the server, each with names that never came before: how many, from which number. */
  messages: 5,
  /** Records one datum, waits, then starts and lets a minute pass. */
  connect: 6,
  /** Nothing: for its cost. */
  nothing: 7,
} as const);

/** The answer to each command. */
export interface Report {
  readonly recorded: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly depth: number;
  readonly publishes: number;
  readonly publishBytes: number;
  /** From opening the socket to the first acknowledged datum, in round trips; null before. */
  readonly roundTrips: number | null;
  readonly isLive: boolean;
}

export const instants = 20;
export const period = 1_000;

/** The data of one instant: what a room sensor on a battery measures. */
export function sample(index: number): { readonly [key: string]: number } {
  return {
    temperature: Math.round(210 + 30 * Math.sin(index / 50)) / 10,
    humidity: 40 + (index % 20),
    pressure: Math.round(101_325 + 300 * Math.cos(index / 90)) / 100,
    battery: Math.round(3_700 - (index % 400)) / 1_000,
    counter: index,
  };
}
