// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type Bench, pause } from "./bench.js";
import type { FlashImage } from "./flash-image.js";

const sector = 4_096;

/** What is done to a flash, and whether the device knows its boots afterwards. */
const damages: readonly (readonly [name: string, damage: (flash: FlashImage) => void])[] = [
  ["otadata of random bytes", (flash) => flash.write("otadata", randomBytes(flash.place("otadata").size))],
  ["otadata erased", (flash) => flash.erase("otadata")],
  ["a sector of the journal of random bytes", (flash) => flash.write("journal", randomBytes(sector))],
  ["the whole journal of random bytes", (flash) => flash.write("journal", randomBytes(flash.place("journal").size))],
  ["nvs erased", (flash) => flash.erase("nvs")],
  ["nvs of random bytes", (flash) => flash.write("nvs", randomBytes(flash.place("nvs").size))],
  ["ota_1 erased", (flash) => flash.erase("ota_1")],
  ["application code of random bytes", (flash) => flash.write("xs", randomBytes(flash.place("xs").size))],
];

/** A flash with damage of all kinds: the device comes up, with what is left. */
export async function checkDamage(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip that has lived", async () => {
    await bench.flashChip("damage");
    await bench.boot();
    await bench.sample(1_000);
    await bench.server.kill();
    await pause(6_000);
    await bench.chip.cut();
    await bench.startServer();
  });
  if (!isLive) return;
  for (const [name, damage] of damages)
    await checks.run(`${name}: live, and it samples`, async () => {
      await bench.chip.cut();
      damage(bench.flash);
      const resets = bench.chip.resets.length;
      const from = Date.now();
      await bench.boot();
      await pause(3_000);
      assert.ok((await bench.cloud.samples(from)).length > 0, "no telemetry");
      assert.equal(bench.chip.resets.length, resets + 1, bench.chip.resets.join(", "));
    });
}
