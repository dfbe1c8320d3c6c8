// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";
import type { FlashWindow } from "./flash-window.js";
import type { NameReader } from "./sector-walk.js";
import { ownSource, type SourceNames, type SourceTable } from "./source-table.js";

/** A number fits a byte of the journal. */
const numbers = 256;

/**
 * The sub-devices whose data are read from the journal, by the numbers they had in the boot that wrote them. Most of them are still
 * there: those are known by the numbers they have now, and only the names of the others take up room.
 */
export class JournalSources implements NameReader, SourceNames {
  readonly #text: Text;
  readonly #table: SourceTable;
  /** Number in the table, by number in the journal. */
  readonly #known = new Uint8Array(numbers);
  readonly #others = new Map<number, string>();

  constructor(text: Text, table: SourceTable) {
    this.#text = text;
    this.#table = table;
  }

  sourceOf(number: number): string {
    const known = this.#known[number] as number;
    return known === ownSource ? (this.#others.get(number) ?? "") : this.#table.sourceOf(known);
  }

  isPlain(number: number): boolean {
    const known = this.#known[number] as number;
    return known !== ownSource && this.#table.isPlain(known);
  }

  clear(): void {
    this.#known.fill(ownSource);
    this.#others.clear();
  }

  define(number: number, window: FlashWindow, position: number, length: number): void {
    const { bytes } = this.#table;
    const count = Math.min(length, bytes.length);
    window.copyOut(position, bytes, count);
    const name = this.#text.decode(bytes, 0, count);
    const known = this.#table.find(name);
    this.#known[number] = known;
    if (known === ownSource) this.#others.set(number, name);
  }
}
