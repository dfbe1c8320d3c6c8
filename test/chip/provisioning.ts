// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import { identity } from "./emulator.js";
import type { FlashImage } from "./flash-image.js";

/** The server is away this long, in milliseconds: several steps of the ladder, which begins with 1, 2, 4 and 8 s. */
const outage = 25_000;

/** When the power goes: before the chip has asked, before the answer arrives, and about when it is stored, in milliseconds. */
const cuts = [
  ["provision.connected", 0],
  ["provision.answered", 0],
  ["provision.answered", 30],
  ["provision.answered", 100],
] as const;

/** A refused device has tried its own token, too, and waits for 10 to 20 min: it has so long to show otherwise, in milliseconds. */
const silence = 20_000;

/** From power-on to the server's answer, in seconds. */
const answerTime = 90;

const losses: readonly (readonly [name: string, damage: (flash: FlashImage) => void])[] = [
  ["erased", (flash) => flash.erase("nvs")],
  ["of random bytes", (flash) => flash.write("nvs", randomBytes(flash.place("nvs").size))],
];

/** A chip without credentials, which asks for some and has them for good. */
export async function checkProvisioning(bench: Bench): Promise<void> {
  const { checks, settings } = bench;
  const { provisioning } = settings;
  if (typeof provisioning === "string") {
    console.log(`skipped: provisioning; ${provisioning}`);
    return;
  }
  const chip = new Newcomer(bench, provisioning.flash);
  const isLive = await checks.run("a chip without credentials gets its own", async () => {
    await bench.cloud.allowProvisioning();
    await chip.make("provisioning");
    const { provisioningAttempts } = await bench.boot();
    assert.equal(provisioningAttempts, 1);
    assert.deepEqual(chip.answers(), ["SUCCESS"]);
    assert.match(await bench.cloud.token(), /^[\w-]{20}$/);
  });
  if (!isLive) return;
  await checks.run("after a power cut it is live with them, and does not ask again", () =>
    chip.expectKept(async () => {
      await bench.chip.cut();
      bench.chip.start();
    }),
  );
  await checks.run("after RPC reboot, too", () =>
    chip.expectKept(async () => {
      await bench.cloud.call("reboot");
    }),
  );
  await checks.run("a server that is not there yet: it asks again and again, until it is", async () => {
    await chip.make("provisioning-late");
    await bench.server.kill();
    bench.chip.start();
    await pause(outage);
    await bench.startServer();
    const { provisioningAttempts } = await bench.live();
    console.log(`        ${provisioningAttempts} attempts`);
    assert.deepEqual(chip.answers(), ["SUCCESS"]);
    assert.ok(Number(provisioningAttempts) > 1);
  });
  for (const [event, milliseconds] of cuts)
    await checks.run(`power cut ${milliseconds} ms after ${event}: live after that, as the only device`, () =>
      checkCut(bench, chip, event, milliseconds),
    );
  for (const [name, damage] of losses)
    await checks.run(`nvs ${name}: the server keeps the device for itself until an operator removes it`, () =>
      checkLoss(bench, chip, damage),
    );
}

async function checkCut(bench: Bench, chip: Newcomer, event: string, milliseconds: number): Promise<void> {
  await chip.make("provisioning-cut");
  const moment = once(bench.server.said, event, { signal: AbortSignal.timeout(answerTime * 1_000) });
  bench.chip.start();
  await moment;
  if (milliseconds > 0) await pause(milliseconds);
  await bench.chip.cut();
  await bench.boot();
  console.log(`        the server said ${chip.answers().join(", ")}`);
  assert.equal(chip.answers().filter((status) => status === "SUCCESS").length, 1);
}

async function checkLoss(bench: Bench, chip: Newcomer, damage: (flash: FlashImage) => void): Promise<void> {
  await chip.make("provisioning-loss");
  await bench.boot();
  const token = await bench.cloud.token();
  await bench.chip.cut();
  damage(bench.flash);
  bench.chip.start();
  await chip.expectAnswer("FAILURE");
  await pause(silence);
  await assert.rejects(bench.cloud.vitals(), "it is live with credentials that it does not have any more");
  assert.deepEqual(chip.answers(), ["SUCCESS", "FAILURE"]);
  await bench.chip.cut();
  await bench.cloud.remove();
  await bench.boot();
  assert.notEqual(await bench.cloud.token(), token);
  assert.deepEqual(chip.answers(), ["SUCCESS", "FAILURE", "SUCCESS"]);
}

/** One chip after the other, all of them with the same address: the server knows none of those before. */
class Newcomer {
  readonly #bench: Bench;
  readonly #image: string;
  /** How many of the server's events are about chips before this one. */
  #past = 0;

  constructor(bench: Bench, image: string) {
    this.#bench = bench;
    this.#image = image;
  }

  async make(name: string): Promise<void> {
    const bench = this.#bench;
    await bench.flashChip(name, { image: this.#image, device: identity });
    if ((await bench.cloud.devices()).includes(identity)) await bench.cloud.remove();
    this.#past = bench.server.events.length;
  }

  /** What the server has answered this chip when it asked for credentials. */
  answers(): readonly unknown[] {
    const events = this.#bench.server.events.slice(this.#past);
    return events.filter(({ event }) => event === "provision.answered").map(({ status }) => status);
  }

  async expectAnswer(status: string): Promise<void> {
    await waitFor({ what: `the server's answer ${status}`, seconds: answerTime }, () =>
      this.answers().includes(status) ? true : undefined,
    );
  }

  /** The next boot has the credentials of this one without asking for them. */
  async expectKept(restart: () => Promise<void>): Promise<void> {
    const { bootCount } = await this.#bench.cloud.vitals();
    const token = await this.#bench.cloud.token();
    const asked = this.answers().length;
    await restart();
    const { provisioningAttempts } = await this.#bench.live(bootCount);
    assert.deepEqual({ provisioningAttempts, asked: this.answers().length }, { provisioningAttempts: 0, asked });
    assert.equal(await this.#bench.cloud.token(), token);
  }
}
