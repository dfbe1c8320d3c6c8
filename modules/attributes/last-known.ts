// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { JsonScanner } from "../cloud/json-scanner.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { DeviceError } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, KeyValueStore, LogSink, Milliseconds, Text, Timer } from "../core/ports.js";

/** Keys are numbered, because names may be longer than keys; the name stands before the value. */
const keyPrefix = "shared.";

/** About 3 KB of the chip's 24 KB of key-value storage beside the values, which Wi-Fi and the credentials need too. */
const maxEntries = 32;
const maxTotalBytes = 4_096;

/** Longest value that every key-value store takes. */
const maxBytes = 1_984;

/** A value that a server changes every second would wear a sector of the chip's flash out within a year. */
const rewritePause: Milliseconds = 10_000;

/** Storage that is full stays so until somebody clears it; an attempt may move a sector. */
const retryPause: Milliseconds = 600_000;

class Entry {
  /** Of the key. */
  readonly index: number;
  /** Undefined for what cannot be read. */
  readonly name: string | undefined;
  /** What is to be stored, undefined when the entry is to go. */
  value: Json | undefined;
  byteLength: number;
  /** The storage may hold something else. */
  isDue = false;
  /** When it was written last, and how long it is left alone from then on. */
  since = 0;
  pause: Milliseconds = 0;

  constructor(index: number, name: string | undefined, value: Json | undefined, byteLength: number) {
    this.index = index;
    this.name = name;
    this.value = value;
    this.byteLength = byteLength;
  }

  get key(): string {
    return keyPrefix + this.index;
  }
}

export interface LastKnownOptions {
  readonly storage: KeyValueStore;
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
}

/**
 * Values by name that outlive a restart: up to 32, of up to 1,984 bytes of JSON each with the name and 4,096 in all. Each is an
 * entry of its own in the key-value storage, which replaces it whole or not at all. It is written in the next turn, but at most
 * once in 10 s, and only when the storage holds something else. What cannot be stored is counted, and not stored in part: an old
 * value does not stay in the place of a new one that does not fit.
 */
export class LastKnown {
  /** Values that could not be stored or read, by reason. */
  readonly failures: FailureLog;
  readonly #storage: KeyValueStore;
  readonly #clock: Clock;
  readonly #text: Text;
  readonly #timer: Timer;
  #entries: Entry[] = [];

  /** Reads what there is. */
  constructor(options: LastKnownOptions) {
    const { storage, clock, text, log } = options;
    this.#storage = storage;
    this.#clock = clock;
    this.#text = text;
    this.#timer = clock.timer(() => this.#write(false));
    this.failures = new FailureLog(clock, log, "attributes.store");
    const scanner = new JsonScanner({ text });
    for (let index = 0; index < maxEntries; index += 1) this.#read(index, scanner);
  }

  get(name: string): Json | undefined {
    return find(this.#entries, name)?.value;
  }

  /** `value` undefined: forget it. */
  set(name: string, value: Json | undefined): void {
    const entry = find(this.#entries, name) ?? (value === undefined ? undefined : this.#add(name));
    if (entry === undefined) return;
    entry.value = value;
    entry.isDue = true;
    this.#schedule();
  }

  /** Forgets all that is not wanted, above all names of an earlier firmware. */
  prune(isWanted: (name: string) => boolean): void {
    for (const entry of this.#entries) {
      if (entry.name !== undefined && isWanted(entry.name)) continue;
      entry.value = undefined;
      entry.isDue = true;
    }
    this.#schedule();
  }

  /** Stores what waits, now. */
  store(): void {
    this.#write(true);
  }

  #add(name: string): Entry | undefined {
    // Those that are gone stay until then, so that a name which comes and goes is not written more often than any other.
    if (this.#entries.length >= maxEntries)
      this.#entries = this.#entries.filter((entry) => entry.isDue || entry.value !== undefined);
    for (let index = 0; index < maxEntries; index += 1) {
      if (this.#entries.some((entry) => entry.index === index)) continue;
      const entry = new Entry(index, name, undefined, 0);
      this.#entries.push(entry);
      return entry;
    }
    this.failures.add("storage-failed", `${name}: ${maxEntries} values are stored`);
    return undefined;
  }

  #read(index: number, scanner: JsonScanner): void {
    let bytes: Uint8Array | undefined;
    let named: Json | undefined;
    try {
      bytes = this.#storage.read(keyPrefix + index);
      if (bytes === undefined) return;
      named = scanner.scan(bytes, 0, bytes.length);
      if (!isNamed(named)) this.failures.add("malformed-json", `${keyPrefix}${index} is not understood`);
    } catch (error) {
      this.#fail(keyPrefix + index, error);
    }
    const [name, value] = isNamed(named) ? named : [undefined, undefined];
    // A second value of a name is of no use, whichever is older.
    const isKnown = name !== undefined && find(this.#entries, name) !== undefined;
    this.#entries.push(new Entry(index, isKnown ? undefined : name, value, bytes?.length ?? 0));
  }

  #write(isUrgent: boolean): void {
    let writer: JsonWriter | undefined;
    for (const entry of this.#entries) {
      if (!entry.isDue || (!isUrgent && remaining(entry, this.#clock) > 0)) continue;
      writer ??= new JsonWriter(this.#text, maxBytes);
      entry.isDue = !this.#attempt(entry, writer);
      entry.since = this.#clock.ticks();
      entry.pause = entry.isDue ? retryPause : rewritePause;
    }
    this.#schedule();
  }

  /** Whether the storage now holds what it should. */
  #attempt(entry: Entry, writer: JsonWriter): boolean {
    try {
      if (!this.#encode(entry, writer)) entry.value = undefined;
      if (entry.value === undefined) this.#storage.delete(entry.key);
      else if (!holds(this.#storage, entry.key, writer))
        this.#storage.write(entry.key, writer.bytes.slice(0, writer.byteLength));
      return true;
    } catch (error) {
      this.#fail(entry.name ?? entry.key, error);
      return false;
    }
  }

  #encode(entry: Entry, writer: JsonWriter): boolean {
    entry.byteLength = 0;
    if (entry.value === undefined) return false;
    writer.reset();
    writer.tree([entry.name, entry.value]);
    let total = writer.byteLength;
    for (const other of this.#entries) total += other.byteLength;
    if (!writer.hasOverflowed && total <= maxTotalBytes) {
      entry.byteLength = writer.byteLength;
      return true;
    }
    const limit = writer.hasOverflowed ? `${maxBytes} bytes` : `${maxTotalBytes} bytes in all`;
    this.failures.add("storage-failed", `${entry.name}: more than ${limit}`);
    return false;
  }

  #fail(what: string, error: unknown): void {
    if (!(error instanceof DeviceError)) throw error;
    this.failures.add(error.reason, `${what}: ${error.message}`);
  }

  #schedule(): void {
    let soonest = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) if (entry.isDue) soonest = Math.min(soonest, remaining(entry, this.#clock));
    if (soonest === Number.POSITIVE_INFINITY) this.#timer.stop();
    else this.#timer.start(soonest);
  }
}

function find(entries: readonly Entry[], name: string): Entry | undefined {
  for (let at = 0; at < entries.length; at += 1) if (entries[at]?.name === name) return entries[at];
  return undefined;
}

function remaining(entry: Entry, clock: Clock): Milliseconds {
  const elapsed = clock.elapsed(entry.since);
  // Beyond what the clock can tell it is negative, and long over.
  return elapsed >= 0 && elapsed < entry.pause ? entry.pause - elapsed : 0;
}

/** Reading wears nothing. */
function holds(storage: KeyValueStore, key: string, writer: JsonWriter): boolean {
  const stored = storage.read(key);
  if (stored?.length !== writer.byteLength) return false;
  for (let at = 0; at < stored.length; at += 1) if (stored[at] !== writer.bytes[at]) return false;
  return true;
}

function isNamed(value: Json | undefined): value is readonly [string, Json] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}
