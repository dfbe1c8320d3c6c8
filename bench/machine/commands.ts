// SPDX-License-Identifier: Apache-2.0
// What the bench can ask of the rig in the machine. Shared by both sides.

/** A command is its number and two arguments, 32 bits each. */
export const commands = Object.freeze({
  /** Makes the rig with an erased flash: capacity of the queue in bytes, how long a datum waits in RAM before it is stored in milliseconds. */
  prepare: 0,
  /** Makes the rig without a flash, so that a full queue takes no more: capacity of the queue in bytes. */
  prepareWithoutFlash: 1,
  /** Makes the rig anew on the flash it had. */
  prepareAgain: 2,
  /** Makes the device. */
  make: 3,
  /** Starts it and lets a minute pass. */
  start: 4,
  /** Records and delivers batches of 20 instants of 5 keys: how many. */
  rounds: 5,
  /** Records numbers until the queue is full. */
  fill: 6,
  /** Messages from the server, each with names that never came before: how many, from which number. */
  messages: 7,
  /** Records one datum, waits, then starts and lets a minute pass. */
  connect: 8,
  /** The server goes, and comes back no sooner than told. */
  leave: 9,
  /** The server is back; waits until nothing is left to deliver. */
  comeBack: 10,
  /** Records instants of 5 keys, one each second, and lets a minute pass: how many. */
  record: 11,
  /** Records data of one key, and lets a minute pass: how many, milliseconds between two. */
  recordSingly: 12,
  /** Nothing: for its cost. */
  nothing: 13,
  /** As `prepare`, of a gateway: capacity of the queue, most children. */
  prepareGateway: 14,
  /** Children come, each with a datum and an attribute that are delivered: how many, from which number. */
  children: 15,
} as const);

/** The answer to each command. */
export interface Report {
  readonly recorded: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly depth: number;
  /** Data written to the journal, and data in it. */
  readonly stored: number;
  readonly journaled: number;
  /** Blocks of flash that were erased, each to be filled. */
  readonly erases: number;
  readonly publishes: number;
  readonly publishBytes: number;
  /** From opening the socket to the first acknowledged datum, in round trips; null before. */
  readonly roundTrips: number | null;
  readonly isLive: boolean;
}

export const instants = 20;
export const period = 1_000;

/** Simulated round trip in milliseconds. */
export const roundTrip = 100;

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
