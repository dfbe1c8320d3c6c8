// SPDX-License-Identifier: Apache-2.0

import { JsonWriter } from "../cloud/json-writer.js";
import type { Milliseconds, Text } from "../core/ports.js";
import type { KeyTable } from "./key-table.js";
import type { Queue } from "./queue.js";
import { maxTextBytes } from "./record.js";
import type { ReportRules, Verdict } from "./report.js";

/** Checks what a program hands over and puts it into the queue: numbers and booleans as they are, everything else as JSON text. */
export class Intake {
  readonly #keys: KeyTable;
  readonly #queue: Queue;
  readonly #writer: JsonWriter;

  constructor(text: Text, keys: KeyTable, queue: Queue) {
    this.#keys = keys;
    this.#queue = queue;
    // Half of the queue, where that is less.
    this.#writer = new JsonWriter(text, Math.min(maxTextBytes, queue.capacity >> 1));
  }

  /** Room for the longest text of a datum. */
  get textBytes(): Uint8Array {
    return this.#writer.bytes;
  }

  /** Throws as `Telemetry.record`. Of what is neither number nor boolean it makes the text for `judge` and `put`. */
  check(key: unknown, value: unknown): void {
    this.#keys.check(key);
    if (typeof value === "boolean") return;
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new RangeError(`value of ${key}: ${value} is not a finite number`);
      return;
    }
    if (value === null || value === undefined) throw new TypeError(`value of ${key}: ${value} is no datum`);
    this.write(key, value);
    if (this.#writer.hasOverflowed)
      throw new RangeError(`value of ${key}: more than ${this.#writer.bytes.length} bytes of JSON`);
  }

  /** Makes the text of a value that was checked, where another one took its place since; a number or a boolean has none. */
  write(key: string, value: unknown): void {
    if (typeof value === "number" || typeof value === "boolean") return;
    this.#writer.reset();
    if (typeof value === "string") this.#writer.value(value);
    else this.#writer.tree(value, `value of ${key}`);
  }

  judge(rules: ReportRules, key: number, value: unknown, time: Milliseconds): Verdict {
    if (typeof value === "number" || typeof value === "boolean") return rules.decide(key, time, value);
    return rules.decide(key, time, this.#writer.bytes, this.#writer.byteLength);
  }

  /** False when the queue drops it. */
  put(source: number, key: number, value: unknown, time: Milliseconds): boolean {
    if (typeof value === "number") return this.#queue.addNumber(key, time, value, source);
    if (typeof value === "boolean") return this.#queue.addBoolean(key, time, value, source);
    return this.#queue.addJson(key, time, this.#writer.bytes, this.#writer.byteLength, source);
  }
}
