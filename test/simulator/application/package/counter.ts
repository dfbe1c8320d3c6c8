// SPDX-License-Identifier: Apache-2.0

export class Counter {
  #count = 0;

  add(): number {
    this.#count += 1;
    return this.#count;
  }
}
