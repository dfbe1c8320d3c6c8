// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ThingsBoardOta } from "../../../modules/cloud/thingsboard-ota.js";
import { OtaReport } from "../../../modules/device/ota-report.js";
import { FakeFlash } from "../../fakes/flash.js";
import { text } from "../../fakes/text.js";
import { Rig } from "../telemetry/rig.js";

function setUp(prefix: "fw" | "sw" = "fw", options: ConstructorParameters<typeof Rig>[0] = {}) {
  const rig = new Rig(options);
  const { telemetry, clock, log } = rig;
  const wallClock = {
    get isKnown() {
      return rig.isClockKnown;
    },
  };
  const report = new OtaReport({ telemetry, keys: new ThingsBoardOta(text, prefix).keys, clock, wallClock, log });
  /** Keys and values that went out since the last call. */
  const sent = (): string[] => {
    for (let round = 0; round < 5; round += 1) {
      rig.clock.advance(1_000);
      rig.link.acknowledge();
    }
    const all = rig.received().map(({ key, value }) => `${key} ${String(value)}`);
    rig.link.published.length = 0;
    return all;
  };
  return { ...rig, rig, report, sent, log, clock };
}

describe("OtaReport", () => {
  test("tells states in their order, with an error that the next one takes back", () => {
    const { rig, report, sent } = setUp();
    rig.connect();
    report.onState("DOWNLOADING", "");
    report.onState("FAILED", "checksum-mismatch: CRC32 is 00000000");
    report.onState("DOWNLOADING", "");
    expect(sent()).toEqual([
      ...["fw_state DOWNLOADING", "fw_error "],
      ...["fw_state FAILED", "fw_error checksum-mismatch: CRC32 is 00000000"],
      ...["fw_state DOWNLOADING", "fw_error "],
    ]);
  });

  test("gives each state a time of its own, because the server keeps one value of a key and a millisecond", () => {
    const { rig, report } = setUp();
    rig.connect();
    for (const state of ["DOWNLOADED", "VERIFIED", "UPDATING"] as const) report.onState(state, "");
    for (let round = 0; round < 5; round += 1) {
      rig.clock.advance(1_000);
      rig.link.acknowledge();
    }
    const times = rig.received().flatMap(({ key, ts }) => (key === "fw_state" ? [ts] : []));
    expect(times).toHaveLength(3);
    expect(new Set(times).size).toBe(3);
  });

  test("loses nothing while there is no session", () => {
    const { rig, report, sent } = setUp("sw");
    report.onState("VERIFIED", "");
    report.onCurrent({ title: "t", version: "1.10" });
    report.onState("UPDATED", "");
    rig.connect();
    expect(sent()).toEqual([
      ...["sw_state VERIFIED", "sw_error ", "current_sw_title t", "current_sw_version 1.10"],
      ...["sw_state UPDATED", "sw_error "],
    ]);
  });

  test("tells of progress every 10 s at the most, and only of change", () => {
    const { rig, report, sent, clock } = setUp();
    rig.connect();
    for (let percent = 0; percent <= 50; percent += 1) {
      report.onProgress(percent);
      clock.advance(500);
    }
    expect(sent()).toEqual(["fw_progress 0", "fw_progress 20", "fw_progress 40"]);
    clock.advance(60_000);
    report.onProgress(40);
    expect(sent()).toEqual([]);
    report.onProgress(41);
    expect(sent()).toEqual(["fw_progress 41"]);
  });

  test("tells of the same progress again after another state", () => {
    const { rig, report, sent, clock } = setUp();
    rig.connect();
    report.onProgress(7);
    clock.advance(20_000);
    report.onState("DOWNLOADING", "");
    report.onProgress(7);
    expect(sent().filter((line) => line.startsWith("fw_progress"))).toEqual(["fw_progress 7", "fw_progress 7"]);
  });

  test.each([[8_192], [1_024]])(
    "tells of a failure whatever the server's words are, with a queue of %i",
    (capacity) => {
      const { rig, report, sent } = setUp("fw", { capacity });
      rig.connect();
      report.onState("FAILED", `wrong-title: fw_title: ${"\u0001".repeat(255)}`);
      report.onState("FAILED", `wrong-title: fw_title: ${"\u{1f680}".repeat(63)}`);
      const told = sent();
      expect(told.filter((line) => line === "fw_state FAILED")).toHaveLength(2);
      expect(told.filter((line) => line.startsWith("fw_error wrong-title"))).toHaveLength(2);
    },
  );

  test("goes on where what runs has a name that cannot be told", () => {
    const { rig, report, sent, log } = setUp();
    rig.connect();
    report.onCurrent({ title: "t", version: "\u0001".repeat(255) });
    report.onState("UPDATED", "");
    expect(sent()).toContain("fw_state UPDATED");
    expect(log.events()).toContain("ota.untold");
  });

  describe("where there is no clock", () => {
    const current = { title: "t", version: "2" };
    const told = ["current_fw_title t", "current_fw_version 2", "fw_state UPDATED", "fw_error "];

    /** A boot that was to tell of its end, and the one after it. */
    function setUpAfterRestart() {
      const flash = new FakeFlash();
      const before = setUp("fw", { flash });
      before.rig.isClockKnown = false;
      before.report.onCurrent({ title: "t", version: "1" });
      before.report.onState("UPDATING", "");
      before.rig.telemetry.store();
      const after = setUp("fw", { flash });
      after.rig.isClockKnown = false;
      after.rig.connect();
      after.report.onCurrent(current);
      after.report.onState("UPDATED", "");
      const sentIn = (minutes: number): string[] => Array.from({ length: minutes * 12 }, after.sent).flat();
      return { ...after, sentIn };
    }

    test("tells what is so once more behind what the journal still held", () => {
      const { sentIn } = setUpAfterRestart();
      const old = ["current_fw_title t", "current_fw_version 1", "fw_state UPDATING", "fw_error "];
      expect(sentIn(15)).toEqual([...told, ...old, ...told]);
      expect(sentIn(15)).toEqual([]);
    });

    test("tells it once more as soon as there is one", () => {
      const { rig, sentIn } = setUpAfterRestart();
      expect(sentIn(5)).toEqual(told);
      rig.isClockKnown = true;
      rig.telemetry.onClockKnown();
      const all = sentIn(1);
      expect(all.filter((line) => line.startsWith("fw_state"))).toEqual(["fw_state UPDATING", "fw_state UPDATED"]);
      expect(all.slice(-4)).toEqual(told);
      expect(sentIn(15)).toEqual([]);
    });

    test("tells nothing twice where the journal is empty", () => {
      const { rig, report, sent } = setUp("fw", { flash: new FakeFlash() });
      rig.isClockKnown = false;
      rig.connect();
      report.onCurrent(current);
      report.onState("UPDATED", "");
      expect(Array.from({ length: 200 }, sent).flat()).toEqual(told);
    });
  });
});
