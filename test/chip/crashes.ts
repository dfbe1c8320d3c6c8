// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { type Bench, pause } from "./bench.js";
import type { Debugger } from "./debugger.js";
import { checkStored } from "./power-cuts.js";

const period = 500;

/** The server is away this long before the chip crashes, in milliseconds. */
const outage = 8_000;

/** A task may compute for 60 s; the emulator needs longer for that. */
const biteTime = 300;

/** `c.j .`, an endless loop. */
const endlessLoop = Uint8Array.of(0x01, 0xa0);

/** What the client attribute `lastReset` is. */
interface LastReset {
  readonly reason?: string;
  readonly bootCount?: number;
  readonly error?: string;
  readonly states?: readonly string[];
}

/** What ends a firmware that is at fault: each is a restart that knows why. */
export async function checkCrashes(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip that crashes", async () => {
    await bench.flashChip("crashes");
    await bench.boot();
    await bench.sample(period);
    await pause(3_000);
  });
  if (!isLive) return;
  await checks.run("an exception of the CPU: one restart, it knows of the panic and what led to it", async () => {
    await checkCrash(bench, "panic", () => bench.chip.crash());
  });
  if (bench.time === undefined) console.log("skipped: what was stored before an exception; there is no time server");
  else
    await checks.run(`an exception ${outage} ms after the server went: nothing stored is lost`, () =>
      checkStoredBeforeException(bench),
    );
  // Another one, because the third crash in a row is safe mode.
  const isWatched = await checks.run("a chip with watchdogs", async () => {
    await bench.flashChip("watchdogs");
    bench.chip.start("watched");
    await bench.live();
    await bench.sample(period);
  });
  if (!isWatched) return;
  const loop = bench.flash.application("ota_0").addressOf(endlessLoop);
  for (const isMasked of [true, false])
    await checks.run(`an endless loop${isMasked ? " without interrupts" : ""}: the watchdog bites`, () =>
      checkCrash(bench, "watchdog", async () => {
        const session = await bench.chip.stop();
        if (isMasked) await session.maskInterrupts();
        await session.jump(loop);
        await session.release();
      }),
    );
}

async function checkStoredBeforeException(bench: Bench): Promise<void> {
  let session: Debugger | undefined;
  await checkStored(bench, outage, {
    stop: async () => {
      session = await bench.chip.stop();
      await session.jump(0);
    },
    goOn: async (boot) => {
      await session?.release();
      return bench.live(boot);
    },
  });
}

async function checkCrash(bench: Bench, reason: string, crash: () => Promise<void>): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const resets = bench.chip.resets.length;
  await crash();
  await bench.expectBoot(bootCount + 1, await bench.live(bootCount, biteTime));
  await bench.expectReason(reason);
  const { lastReset } = (await bench.cloud.clientAttributes()) as { lastReset?: LastReset };
  console.log(`        ${bench.chip.resets.slice(resets).join(", ")}; ${JSON.stringify(lastReset)}`);
  assert.equal(lastReset?.reason, reason);
  assert.equal(lastReset?.bootCount, bootCount + 1);
  const states = lastReset?.states ?? [];
  for (const step of ["device.start", "session."])
    assert.ok(
      states.some((state) => state.includes(step)),
      `${step} is not among the last steps`,
    );
  assert.equal(bench.chip.resets.length, resets + 1, bench.chip.resets.join(", "));
}
