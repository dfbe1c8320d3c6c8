// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { FussyServer } from "./fussy-server.js";
import { boot, Rig } from "./rig.js";

/** A rig where a temperature above 50 is an alarm, in batches of ten. */
function begin(options: Partial<TelemetryOptions> = {}): Rig {
  const rig = new Rig({ maxCount: 10, ...options });
  rig.telemetry.setRule("temperature", { maximum: 50 });
  rig.telemetry.record("temperature", 20);
  return rig;
}

/** Samples of a millisecond each. */
function record(rig: Rig, first: number, last: number): void {
  for (let sample = first; sample <= last; sample += 1) {
    rig.clock.advance(1);
    rig.telemetry.record("a", sample);
  }
}

/** One crossing of the limit; each call crosses it the other way. */
function alarm(rig: Rig, value: number): void {
  rig.clock.advance(1);
  rig.telemetry.record({ temperature: value, pressure: value + 1_000 });
}

function messages(rig: Rig, from = 0): unknown[][] {
  return rig.link.published.slice(from).map((published) => rig.received([published]).map(({ value }) => value));
}

describe("Telemetry, alarms", () => {
  test("go in the next turn, ahead of what waits for company, and with all of their instant", () => {
    const rig = begin();
    rig.connect();
    rig.link.acknowledge();
    record(rig, 1, 5);
    alarm(rig, 60);
    expect(rig.link.published).toHaveLength(1);
    rig.clock.advance(0);
    expect(rig.received(rig.link.published.slice(1))).toEqual([
      { ts: boot + 6, key: "temperature", value: 60 },
      { ts: boot + 6, key: "pressure", value: 1_060 },
    ]);
    rig.link.acknowledge();
    rig.clock.advance(1_000);
    expect(messages(rig, 2)).toEqual([[1, 2, 3, 4, 5]]);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 8, depth: 0, depthBytes: 0, batches: 3 });
    expect(rig.link.published.some(({ isDuplicate }) => isDuplicate)).toBe(false);
  });

  test("go ahead of several batches that are due, as soon as the window has room", () => {
    const rig = begin();
    rig.connect();
    rig.link.acknowledge();
    record(rig, 1, 75);
    rig.clock.advance(0);
    expect(messages(rig, 1)).toHaveLength(4);
    alarm(rig, 160);
    record(rig, 76, 90);
    rig.clock.advance(0);
    rig.link.acknowledge(1);
    expect(messages(rig, 5)[0]?.slice(0, 2)).toEqual([160, 1_160]);
    for (let round = 0; round < 12; round += 1) rig.link.acknowledge(1);
    rig.clock.advance(1_000);
    rig.link.acknowledge();
    const sent = messages(rig, 1).flat();
    expect(sent.filter((value) => value === 160)).toHaveLength(1);
    expect(sent).toHaveLength(92);
    expect(new Set(sent).size).toBe(92);
    expect(rig.telemetry).toMatchObject({ delivered: 93, depth: 0, depthBytes: 0 });
    expect(rig.link.published.some(({ isDuplicate }) => isDuplicate)).toBe(false);
  });

  test("that were recorded while there was no room for the first all go ahead", () => {
    const rig = begin();
    rig.connect();
    rig.link.acknowledge();
    rig.link.room = 0;
    record(rig, 1, 30);
    alarm(rig, 60);
    record(rig, 31, 50);
    alarm(rig, 20);
    record(rig, 51, 60);
    const from = rig.link.published.length;
    rig.link.relieve();
    for (let round = 0; round < 20; round += 1) rig.link.acknowledge(1);
    const sent = messages(rig, from).flat();
    expect(sent[0]).toBe(60);
    expect(sent.indexOf(20)).toBeLessThan(sent.indexOf(1));
    rig.clock.advance(1_000);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ depth: 0, depthBytes: 0 });
    expect(messages(rig, from).flat()).toHaveLength(64);
  });

  test("that a session took with it are sent again first, as duplicates", () => {
    const rig = begin();
    rig.connect();
    rig.link.acknowledge();
    record(rig, 1, 5);
    alarm(rig, 60);
    rig.clock.advance(0);
    rig.link.close();
    const from = rig.link.published.length;
    rig.link.open();
    expect(messages(rig, from)).toEqual([
      [60, 1_060],
      [1, 2, 3, 4, 5],
    ]);
    expect(rig.link.published.slice(from).map(({ isDuplicate }) => isDuplicate)).toEqual([true, false]);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 8, depth: 0, depthBytes: 0 });
  });

  test("that were lost go ahead of what was lost with them, each flagged as what it is", () => {
    const rig = begin();
    rig.connect();
    rig.link.acknowledge();
    record(rig, 1, 25);
    alarm(rig, 60);
    record(rig, 26, 27);
    rig.clock.advance(0);
    expect(messages(rig, 1).slice(2)).toEqual([[60, 1_060]]);
    rig.link.close();
    record(rig, 28, 30);
    const from = rig.link.published.length;
    rig.link.open();
    for (let round = 0; round < 10; round += 1) rig.link.acknowledge(1);
    expect(messages(rig, from)[0]).toEqual([60, 1_060]);
    const seen = new Set(messages(rig).slice(0, from).flat());
    for (const published of rig.link.published.slice(from)) {
      const isAgain = rig.received([published]).map(({ value }) => seen.has(value));
      expect(isAgain).toEqual(isAgain.map(() => published.isDuplicate));
    }
    expect(rig.telemetry).toMatchObject({ delivered: 33, depth: 0, depthBytes: 0 });
  });

  test("that were acknowledged are not sent again, whatever happens to what they have overtaken", () => {
    const rig = begin();
    rig.connect();
    rig.link.acknowledge();
    record(rig, 1, 5);
    alarm(rig, 60);
    rig.clock.advance(0);
    rig.link.acknowledge();
    rig.clock.advance(1_000);
    rig.link.close();
    const from = rig.link.published.length;
    rig.link.open();
    expect(messages(rig, from)).toEqual([[1, 2, 3, 4, 5]]);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 8, depth: 0, depthBytes: 0 });
  });

  test.each([1, 2, 3, 4])(
    "one after the other do not bring the queue to a standstill with a window of %d",
    (window) => {
      const rig = begin({ window, maxAge: 3_600_000, maxCount: 1_000 });
      rig.connect();
      rig.link.acknowledge();
      const from = rig.link.published.length;
      for (let crossing = 0; crossing < 12; crossing += 1) {
        record(rig, crossing, crossing);
        alarm(rig, crossing % 2 === 0 ? 60 + crossing : 20 - crossing);
        rig.clock.advance(1);
        rig.link.acknowledge();
        rig.link.acknowledge();
        expect(messages(rig, from).flat()).toContain(crossing % 2 === 0 ? 60 + crossing : 20 - crossing);
      }
      rig.telemetry.flush();
      for (let round = 0; round < 20; round += 1) {
        rig.clock.advance(1);
        rig.link.acknowledge();
      }
      expect(messages(rig, from).flat()).toHaveLength(36);
      expect(rig.telemetry).toMatchObject({ delivered: 37, depth: 0, depthBytes: 0, inFlight: 0 });
    },
  );

  test("overtake the data that are suspected of ending sessions", () => {
    const rig = begin({ maxAge: 0 });
    const server = new FussyServer(rig, { isPoison: ({ value }) => value === "poison" });
    rig.telemetry.record("a", "poison");
    while (server.killers.length < 3) server.run(50);
    server.run(1_500);
    alarm(rig, 60);
    server.run(200);
    expect(server.acknowledged.map(({ value }) => value)).toContain(60);
    server.run(300_000);
    expect(rig.telemetry).toMatchObject({ quarantined: 1, delivered: 3, depth: 0 });
  });

  test("that are poisonous themselves are found, and what they have overtaken is delivered", () => {
    for (const flash of [undefined, new FakeFlash()]) {
      const rig = begin({ maxAge: 0, flash });
      const server = new FussyServer(rig, { isPoison: ({ value }) => value === 60 });
      record(rig, 1, 40);
      alarm(rig, 60);
      server.run(300_000, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
      expect(rig.telemetry).toMatchObject({ quarantined: 1, depth: 0, dropped: 0 });
      expect(server.acknowledged.filter(({ key }) => key === "a")).toHaveLength(40);
      expect(server.killers.length).toBeLessThanOrEqual(20);
    }
  });

  test("wait for the clock as all data do, and go first when it is known", () => {
    const rig = begin();
    rig.isClockKnown = false;
    rig.connect();
    record(rig, 1, 20);
    alarm(rig, 60);
    rig.clock.advance(5_000);
    expect(rig.link.published).toEqual([]);
    rig.isClockKnown = true;
    rig.telemetry.onClockKnown();
    rig.clock.advance(0);
    expect(rig.received()[0]).toEqual({ ts: boot + 21, key: "temperature", value: 60 });
  });
});
