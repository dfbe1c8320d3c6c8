// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { countStored, storedSamples } from "../../chip/stored-data.js";
import { FakeFlash } from "../../fakes/flash.js";
import { Boot } from "../telemetry/journal-boot.js";

const epoch = Date.UTC(2026, 0, 1);

describe("what a chip's journal holds", () => {
  test("is counted, and the samples among it have their boot and their time", () => {
    const flash = new FakeFlash({ blocks: 8, blockLength: 4_096 });
    const first = new Boot(flash);
    first.put("bootCount", 3);
    first.put("uptime", 1);
    first.journal.setClock(epoch);
    first.put("bootCount", 3);
    const second = new Boot(flash);
    second.journal.setClock(epoch + 60_000);
    second.put("bootCount", 4);
    expect(countStored(flash.contents)).toBe(4);
    expect(storedSamples(flash.contents)).toEqual([
      { time: epoch + 1_000, boot: 3 },
      { time: epoch + 3_000, boot: 3 },
      { time: epoch + 61_000, boot: 4 },
    ]);
  });

  test("has no time where its boot did not know it, and no later one does yet", () => {
    const flash = new FakeFlash({ blocks: 8, blockLength: 4_096 });
    new Boot(flash).put("bootCount", 3);
    expect(storedSamples(flash.contents)).toEqual([{ time: Number.NaN, boot: 3 }]);
  });
});
