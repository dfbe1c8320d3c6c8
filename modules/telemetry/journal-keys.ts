// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";
import type { FlashWindow } from "./flash-window.js";
import type { KeyNames } from "./key-table.js";
import type { NameReader } from "./sector-walk.js";

/** The keys of the data that are read from the journal, by the numbers they had in the boot that wrote them. */
export class JournalKeys implements KeyNames, NameReader {
  readonly #text: Text;
  readonly #bytes = new Uint8Array(255);
  readonly #keys = new Map<number, string>();

  constructor(text: Text) {
    this.#text = text;
  }

  keyOf(number: number): string {
    return this.#keys.get(number) ?? "";
  }

  isPlain(): boolean {
    return false;
  }

  clear(): void {
    this.#keys.clear();
  }

  define(number: number, window: FlashWindow, position: number, length: number): void {
    const count = Math.min(length, this.#bytes.length);
    window.copyOut(position, this.#bytes, count);
    this.#keys.set(number, this.#text.decode(this.#bytes, 0, count));
  }
}
