// SPDX-License-Identifier: Apache-2.0

export class Counter {
  step = 1;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  next(): number {
    this.#count += this.step;
    return this.#count;
  }
}
