// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import { expectGapless } from "./gapless.js";
import type { TimeServer } from "./time-server.js";

const period = 1_000;

/** So long a live session waits for the clock before it lets the server date what it has, and some more, in seconds. */
const clockPatience = 60;

/** How long the chip measures without server and clock, in milliseconds. */
const outage = 10_000;

/** By then a time server that was not there is asked again, in seconds. */
const retryTime = 180;

/** More answers than the queue of the machine's messages has places. */
const flood = 200;

/** A chip whose time server is not there at first, and one whose time server does not stop to answer. */
export async function checkClock(bench: Bench): Promise<void> {
  const { time } = bench;
  if (time === undefined) {
    console.log("skipped: clock; there is no time server");
    return;
  }
  time.copies = 0;
  try {
    await checkWithoutTime(bench, time);
    time.copies = flood;
    await bench.checks.run(`a time server that gives ${flood} answers at once: live, and it stays up`, () =>
      checkFlood(bench, time),
    );
  } finally {
    time.copies = 1;
  }
}

async function checkWithoutTime(bench: Bench, time: TimeServer): Promise<void> {
  const { checks } = bench;
  const answers = time.answers;
  const isLive = await checks.run(
    "no time server: live all the same, and the server dates what is sampled",
    async () => {
      await bench.flashChip("clock");
      await bench.boot();
      await bench.sample(period);
      const from = Date.now();
      await waitFor({ what: "5 samples", seconds: clockPatience }, async () =>
        (await bench.cloud.samples(from)).length >= 5 ? true : undefined,
      );
      assert.equal(time.answers, answers, "somebody knows the time");
    },
  );
  if (!isLive) return;
  await checks.run("what was sampled before the time was known gets its time when it is", async () => {
    const { bootCount } = await bench.cloud.vitals();
    const from = await bench.cloud.deviceTime();
    const start = Date.now();
    await bench.server.kill();
    await pause(outage);
    assert.equal(time.answers, answers, "somebody knows the time");
    time.copies = 1;
    await waitFor({ what: "a question for the time", seconds: retryTime }, () =>
      time.answers > answers ? true : undefined,
    );
    console.log(`        it was known ${Math.round((Date.now() - start) / 1_000)} s after the server went`);
    await bench.startServer();
    await bench.expectBoot(bootCount, await bench.live());
    await expectGapless(bench, from, period);
  });
}

async function checkFlood(bench: Bench, time: TimeServer): Promise<void> {
  const { answers } = time;
  await bench.flashChip("flood");
  const { bootCount } = await bench.boot();
  await bench.sample(period);
  await pause(3 * period);
  assert.ok(time.answers > answers, "it did not ask");
  const from = await bench.cloud.deviceTime();
  await pause(outage);
  await bench.expectBoot(bootCount, await bench.live());
  await expectGapless(bench, from, period);
}
