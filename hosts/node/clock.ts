// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";

/** `setTimeout` takes a longer delay for 1 ms. */
const longestDelay = 0x7fff_ffff;

class NodeTimer implements Timer {
  readonly #run: () => void;
  readonly #armed: Set<NodeTimer>;
  #handle: NodeJS.Timeout | undefined;

  constructor(guard: Guard, armed: Set<NodeTimer>, callback: () => void) {
    this.#armed = armed;
    this.#run = () => {
      this.stop();
      guard.enter(callback);
    };
  }

  start(delay: Milliseconds): void {
    clearTimeout(this.#handle);
    this.#handle = setTimeout(this.#run, Math.min(Math.max(delay, 0), longestDelay));
    this.#armed.add(this);
  }

  stop(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#armed.delete(this);
  }
}

/** `ticks` is a wrapping 32-bit integer, so that code which subtracts readings fails here as it would on a chip. */
export function createClock(guard: Guard): Clock {
  const armed = new Set<NodeTimer>();
  guard.onClose(() => {
    for (const timer of armed) timer.stop();
  });
  return {
    timer: (callback) => new NodeTimer(guard, armed, callback),
    ticks,
    elapsed: (since) => (ticks() - since) | 0,
  };
}

function ticks(): number {
  return performance.now() | 0;
}
