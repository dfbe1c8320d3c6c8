// SPDX-License-Identifier: Apache-2.0

import { FrameKind } from "./journal-layout.js";
import type { SectorWalk } from "./sector-walk.js";

/** The data frame that was written last and of which the flash said no: it may lie there all the same, and is read then. */
export class DoubtfulFrame {
  #sequence = -1;
  #offset = 0;
  /** Where its data begin in the queue. */
  #from = 0;

  /** Whether there is one that nobody could look at yet. */
  get isThere(): boolean {
    return this.#sequence >= 0;
  }

  /** It would lie at an offset of a sector. */
  note(sequence: number, offset: number, from: number): void {
    this.#sequence = sequence;
    this.#offset = offset;
    this.#from = from;
  }

  /** Whether its data are those that begin at a position of the queue. */
  isOf(position: number): boolean {
    return position === this.#from;
  }

  /** Looks what became of it: the number of its data that lie there intact. Throws `DeviceError`, and then it is still in doubt. */
  settle(walk: SectorWalk): number {
    let count = 0;
    if (walk.open(this.#sequence)) {
      while (walk.offset < this.#offset && walk.look()) walk.next();
      if (walk.offset === this.#offset && walk.look() && walk.kind === FrameKind.data) ({ count } = walk);
    }
    this.#sequence = -1;
    return count;
  }
}
