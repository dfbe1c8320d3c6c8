// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import type { Vitals } from "./cloud.js";
import { identity } from "./emulator.js";
import type { FlashImage } from "./flash-image.js";

/** The server is away this long, in milliseconds: several steps of the ladder, which begins with 1, 2, 4 and 8 s. */
const outage = 25_000;

/** From the server's answer to the power cut, in milliseconds: before it arrives, and around the time when it is stored. */
const cuts = [0, 100, 300];

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
    await chip.expectAsked(await bench.boot(), 1);
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
  for (const cut of cuts)
    await checks.run(`power cut ${cut} ms after the server's answer: live after that, as the same device`, () =>
      checkCut(bench, chip, cut),
    );
  for (const [name, damage] of losses)
    await checks.run(`nvs ${name}: the server keeps the device for itself until an operator removes it`, () =>
      checkLoss(bench, chip, damage),
    );
}

async function checkCut(bench: Bench, chip: Newcomer, milliseconds: number): Promise<void> {
  await chip.make("provisioning-cut");
  bench.chip.start();
  await chip.expectAnswer("SUCCESS");
  await pause(milliseconds);
  const token = await bench.cloud.token();
  await bench.chip.cut();
  await bench.boot();
  assert.equal(await bench.cloud.token(), token);
  console.log(`        the server said ${chip.answers().join(", ")}`);
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

  async expectAsked({ provisioningAttempts }: Vitals, times: number): Promise<void> {
    assert.equal(provisioningAttempts, times);
    const devices = (await this.#bench.cloud.devices()).filter((name) => name === identity);
    assert.equal(devices.length, 1, devices.join(", "));
  }

  /** The next boot has the credentials of this one without asking for them. */
  async expectKept(restart: () => Promise<void>): Promise<void> {
    const { bootCount } = await this.#bench.cloud.vitals();
    const token = await this.#bench.cloud.token();
    const asked = this.answers().length;
    await restart();
    await this.expectAsked(await this.#bench.live(bootCount), 0);
    assert.equal(this.answers().length, asked);
    assert.equal(await this.#bench.cloud.token(), token);
  }
}
