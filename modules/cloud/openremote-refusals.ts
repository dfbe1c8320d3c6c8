// SPDX-License-Identifier: Apache-2.0

/** More names than a device publishes. */
const maxNames = 255;

/** Attributes that are not written: a session ends for an attribute that the asset lacks, or that is not the device's to write. */
export class OpenRemoteRefusals {
  readonly #silenced: readonly string[];
  readonly #found = new Set<string>();

  /** `silenced` are never written, whatever happens. */
  constructor(silenced: readonly string[]) {
    this.#silenced = silenced;
  }

  has(name: string): boolean {
    return this.#found.has(name) || this.#silenced.includes(name);
  }

  /** Sessions ended for this attribute. */
  add(name: string): void {
    if (this.#found.size < maxNames) this.#found.add(name);
  }

  /** The manager told of the attribute, so that by now the asset has it. */
  onSeen(name: string): void {
    this.#found.delete(name);
  }
}
