// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../modules/core/errors.js";

/** A value that wanders. */
export class Meter {
  readonly #random: () => number;
  #level = 20;

  constructor(random: () => number) {
    this.#random = random;
  }

  get level(): number {
    return this.#level;
  }

  read(): number {
    if (this.#level < -273) throw new DeviceError("value-refused");
    this.#level += ((this.#random() % 21) - 10) / 10;
    return this.#level;
  }
}
