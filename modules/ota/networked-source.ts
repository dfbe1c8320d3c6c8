// SPDX-License-Identifier: Apache-2.0

import type { PackageSource } from "./package-source.js";

/** Rests while there is no network, so that the source's patience is spent on servers only. */
export class NetworkedSource implements PackageSource {
  readonly #source: PackageSource;
  #hasNetwork: boolean;
  #isStarted = false;

  constructor(source: PackageSource, hasNetwork: boolean) {
    this.#source = source;
    this.#hasNetwork = hasNetwork;
  }

  start(): void {
    this.#isStarted = true;
    if (this.#hasNetwork) this.#source.start();
  }

  stop(): void {
    this.#isStarted = false;
    this.#source.stop();
  }

  setNetwork(isUp: boolean): void {
    this.#hasNetwork = isUp;
    if (!isUp) this.#source.stop();
    else if (this.#isStarted) this.#source.start();
  }
}
