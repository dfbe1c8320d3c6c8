// SPDX-License-Identifier: Apache-2.0

import { bundleForXs } from "../hosts/desktop/bundle.js";
import { type Delivery, Engine } from "../hosts/desktop/engine.js";
import type { HeapFigures } from "../hosts/desktop/heap.js";
import type { commands, Report } from "./machine/commands.js";

type Command = (typeof commands)[keyof typeof commands];

export interface Outcome {
  readonly report: Report;
  /** Computrons. */
  readonly compute: number;
}

/** The rig of `bench/machine` on XS. */
export class BenchMachine {
  readonly #engine: Engine;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  static async start(): Promise<BenchMachine> {
    const engine = new Engine({
      onRequest: () => new Uint8Array(),
      onOutput: (line) => console.error(line),
      onExit: (why) => console.error(`bench machine: ${why}`),
      computeLimit: 0,
    });
    await engine.evaluate((await bundleForXs("bench/machine/main.ts")).script);
    return new BenchMachine(engine);
  }

  async do(command: Command, first = 0, second = 0): Promise<Outcome> {
    const bytes = Buffer.alloc(12);
    [command, first, second].forEach((value, index) => {
      bytes.writeUInt32BE(value, 4 * index);
    });
    const { result, meter }: Delivery = await this.#engine.deliver(bytes);
    return { report: JSON.parse(Buffer.from(result).toString()), compute: meter.compute };
  }

  heap(): Promise<HeapFigures> {
    return this.#engine.heap();
  }

  stop(): void {
    this.#engine.stop();
  }
}

/** A slot of the chip; on the machine that measures it takes 32 bytes. */
export const chipSlotBytes = 16;

/** What the difference of two measurements takes on a chip, in bytes. */
export function growth(before: HeapFigures, after: HeapFigures): number {
  return (after.slots - before.slots) * chipSlotBytes + after.chunks - before.chunks;
}
