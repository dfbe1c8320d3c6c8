// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import { OpenRemoteRefusals } from "../../../modules/cloud/openremote-refusals.js";
import { OpenRemoteTelemetry } from "../../../modules/cloud/openremote-telemetry.js";
import type { Reason } from "../../../modules/core/errors.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeFlash } from "../../fakes/flash.js";
import { boot, Rig } from "./rig.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";

function make(options: Partial<TelemetryOptions> = {}) {
  const refusals = new OpenRemoteRefusals(new FakeClock(), []);
  const dialect = new OpenRemoteTelemetry(new OpenRemoteAddress("thing", "master", id), refusals);
  const rig = new Rig({ dialect, ...options });
  return { rig, refusals, dialect };
}

function sent({ link }: Rig): string[][] {
  return link.published.splice(0).map(({ topic, payload }) => [topic.split("/").slice(2, 4).join("/"), payload]);
}

describe("telemetry of one datum a message", () => {
  test("goes with its time, each on its own topic, several under way", () => {
    const { rig } = make();
    rig.connect();
    rig.telemetry.record({ a: 1, b: "x", c: true });
    rig.clock.advance(1_000);
    expect(sent(rig)).toEqual([
      ["writeattribute/a", `{"value":1,"timestamp":${boot}}`],
      ["writeattribute/b", `{"value":"x","timestamp":${boot}}`],
      ["writeattribute/c", `{"value":true,"timestamp":${boot}}`],
    ]);
    rig.link.acknowledge();
    expect(rig.telemetry.delivered).toBe(3);
  });

  test("has 16 messages under way, so that a long way to the server does not hold it up", () => {
    const { rig } = make();
    rig.connect();
    for (let sample = 0; sample < 40; sample += 1) rig.telemetry.record("a", sample);
    rig.clock.advance(1_000);
    expect(sent(rig)).toHaveLength(16);
    rig.link.acknowledge(3);
    expect(sent(rig)).toHaveLength(3);
  });

  test("comes from the journal 8 messages at a time beside the live ones, and none of it twice or not at all", () => {
    const { dialect } = make();
    const flash = new FakeFlash();
    const rig = new Rig({ dialect, flash });
    for (let sample = 0; sample < 500; sample += 1) rig.telemetry.record("a", sample);
    rig.telemetry.store();
    rig.connect();
    const values: unknown[] = [];
    const take = (): number => {
      const messages = rig.link.published.splice(0);
      for (const { payload } of messages) values.push((JSON.parse(payload) as { value: unknown }).value);
      return messages.length;
    };
    expect(take()).toBe(8);
    rig.link.acknowledge(3);
    expect(take()).toBe(3);
    rig.telemetry.record("b", "live");
    rig.clock.advance(1_000);
    expect(take()).toBe(1);
    expect(values.splice(-1)).toEqual(["live"]);
    while (rig.link.unacknowledged > 0) {
      rig.link.acknowledge(2);
      take();
    }
    expect(values).toEqual(Array.from({ length: 500 }, (_, sample) => sample));
    expect(rig.telemetry).toMatchObject({ delivered: 501, depth: 0, journaled: 0, inFlight: 0 });
  });

  test.each([1, 5, 8])(
    "comes again after a power cut, as far as it was not acknowledged: %d of 8 under way were",
    (count) => {
      const flash = new FakeFlash();
      const before = new Rig({ dialect: make().dialect, flash });
      for (let sample = 0; sample < 20; sample += 1) before.telemetry.record("a", sample);
      before.telemetry.store();
      before.connect();
      before.link.acknowledge(count);
      const after = new Rig({ dialect: make().dialect, flash });
      after.connect();
      const first = JSON.parse(String(after.link.published[0]?.payload)) as { value: number };
      // The journal need not note each of them at once.
      expect(first.value).toBeLessThanOrEqual(count);
      while (after.link.unacknowledged > 0) after.link.acknowledge();
      expect(after.telemetry.depth).toBe(0);
      const last = JSON.parse(String(after.link.published.at(-1)?.payload)) as { value: number };
      expect(last.value).toBe(19);
    },
  );

  test("of the journal keeps its order when a session takes all of it with it, and is balanced when answers come out of turn", () => {
    const rig = new Rig({ dialect: make().dialect, flash: new FakeFlash() });
    for (let sample = 0; sample < 20; sample += 1) rig.telemetry.record("a", sample);
    rig.telemetry.store();
    rig.connect();
    rig.link.acknowledgeAt(3);
    rig.link.close("connection-closed");
    rig.link.published.length = 0;
    rig.connect();
    while (rig.link.unacknowledged > 0) rig.link.acknowledge();
    const values = rig.link.published.map(({ payload }) => (JSON.parse(payload) as { value: number }).value);
    expect(values).toEqual(Array.from({ length: 20 }, (_, sample) => sample).filter((sample) => sample !== 3));
    expect(rig.telemetry).toMatchObject({ delivered: 20, depth: 0, dropped: 0 });
  });

  test.each([
    ["acknowledged", () => undefined, (rig: Rig) => rig.link.acknowledge(), 8],
    ["acknowledged out of turn, and lost", () => undefined, (rig: Rig) => rig.link.acknowledgeAt(5), 1],
    ["lost, and was acknowledged out of turn", (rig: Rig) => rig.link.acknowledgeAt(5), () => undefined, 1],
    ["lost", () => undefined, () => undefined, 0],
  ])("is balanced where the journal gives up what is under way, and that is %s", (_, before, answer, delivered) => {
    const rig = new Rig({ dialect: make().dialect, flash: new FakeFlash({ blocks: 4 }) });
    const record = (count: number): void => {
      for (let sample = 0; sample < count; sample += 1) rig.telemetry.record("a", `${"x".repeat(60)}${sample}`);
      rig.telemetry.store();
    };
    record(60);
    rig.connect();
    expect(rig.link.unacknowledged).toBe(8);
    rig.link.room = 0;
    before(rig);
    for (let round = 0; round < 10; round += 1) record(60);
    answer(rig);
    rig.link.close("connection-closed");
    const { recorded, dropped, depth } = rig.telemetry;
    expect(rig.telemetry.delivered).toBe(delivered);
    expect(dropped).toBeGreaterThan(100);
    expect(delivered + dropped + depth).toBe(recorded);
    rig.link.room = Number.POSITIVE_INFINITY;
    rig.connect();
    while (rig.link.unacknowledged > 0) rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ depth: 0, dropped, delivered: recorded - dropped });
  });

  test("does not let a journal of refused names keep the device: some are given up at a time, and the others get through", () => {
    const refusals = new OpenRemoteRefusals(new FakeClock(), []);
    const dialect = new OpenRemoteTelemetry(new OpenRemoteAddress("thing", "master", id), refusals);
    const rig = new Rig({ dialect, flash: new FakeFlash() });
    for (let sample = 0; sample < 250; sample += 1) rig.telemetry.record("a", sample);
    rig.telemetry.record("b", 1);
    rig.telemetry.store();
    refusals.add("a");
    rig.connect();
    expect([rig.telemetry.refused, sent(rig)]).toEqual([100, []]);
    rig.clock.advance(1_000);
    expect(rig.telemetry.refused).toBe(200);
    rig.clock.advance(1_000);
    expect(sent(rig).map(([topic]) => topic)).toEqual(["writeattribute/b"]);
    expect([rig.telemetry.refused, rig.telemetry.depth]).toEqual([250, 1]);
  });

  test("goes bare where the clock stays unknown", () => {
    const { rig } = make();
    rig.isClockKnown = false;
    rig.connect();
    rig.telemetry.record("a", "x");
    rig.clock.advance(60_000);
    expect(sent(rig)).toEqual([["writeattributevalue/a", '"x"']]);
    expect(rig.telemetry.undated).toBe(1);
  });

  test("has no name that the platform does not take", () => {
    const { rig } = make();
    expect(() => rig.telemetry.record("a b", 1)).toThrow('key: "a b" is not of letters');
    expect(() => rig.telemetry.record({ a: 1, "b/c": 1 })).toThrow(RangeError);
    expect(rig.telemetry.depth).toBe(0);
  });

  test("gives up at its turn what the platform has refused meanwhile, and nothing else", () => {
    const { rig, refusals } = make();
    rig.telemetry.record({ a: 1, b: 2 });
    refusals.add("a");
    rig.connect();
    rig.clock.advance(1_000);
    expect(sent(rig).map(([topic]) => topic)).toEqual(["writeattribute/b"]);
    expect([rig.telemetry.refused, rig.telemetry.depth]).toEqual([1, 1]);
  });

  /** Sessions until a datum is given up, 60 at most, of a server that closes for some names and acknowledges the others. */
  function sessionsUntilGivenUp(rig: Rig, denied: readonly string[], reason: Reason = "connection-closed"): number {
    for (let session = 1; session <= 60; session += 1) {
      rig.connect();
      for (let turn = 0; turn < 8; turn += 1) {
        const names = sent(rig).map(([topic]) => String(topic).split("/")[1]);
        const end = names.findIndex((name) => denied.includes(String(name)));
        rig.link.acknowledge(end < 0 ? names.length : end);
        if (end >= 0) break;
        rig.clock.advance(1_000);
      }
      rig.link.close(reason);
      if (rig.telemetry.quarantined > 0) return session;
    }
    return Number.POSITIVE_INFINITY;
  }

  test("is given up after six sessions that ended for it, while data of another name get through", () => {
    const { rig } = make();
    const told: string[] = [];
    rig.telemetry.onQuarantined((key) => told.push(key));
    rig.telemetry.record({ a: 1, b: 2 });
    expect(sessionsUntilGivenUp(rig, ["a"])).toBe(6);
    expect(told).toEqual(["a"]);
    expect(rig.telemetry.delivered).toBe(1);
  });

  test.each([
    ["a journal", new FakeFlash()],
    ["no journal", undefined],
  ])(
    "is given up although a program goes on sampling, with %s, and what it samples besides gets through",
    (_, flash) => {
      const refusals = new OpenRemoteRefusals(new FakeClock(), []);
      const dialect = new OpenRemoteTelemetry(new OpenRemoteAddress("thing", "master", id), refusals);
      const rig = new Rig({ dialect, flash });
      rig.telemetry.onQuarantined((key) => refusals.add(key));
      let sessions = 0;
      let samples = 0;
      const sample = (): void => {
        samples += 1;
        rig.telemetry.record({ a: samples, b: samples });
        rig.clock.advance(1_000);
      };
      for (let isOpen = false; rig.telemetry.quarantined === 0 && samples < 2_000; sample()) {
        if (!isOpen && samples % 5 > 0) continue;
        if (!isOpen) {
          isOpen = true;
          sessions += 1;
          rig.connect();
        }
        const names = sent(rig).map(([topic]) => String(topic).split("/")[1]);
        const end = names.indexOf("a");
        rig.link.acknowledge(end < 0 ? names.length : end);
        if (end < 0) continue;
        rig.link.close("connection-closed");
        isOpen = false;
      }
      expect(rig.telemetry.quarantined).toBe(1);
      expect(sessions).toBeLessThanOrEqual(20);
      rig.connect();
      while (rig.link.unacknowledged > 0) {
        rig.link.acknowledge();
        rig.clock.advance(1_000);
      }
      expect(rig.telemetry).toMatchObject({ delivered: samples, quarantined: 1, refused: samples - 1 });
    },
  );

  test.each([
    ["there is nothing else", { a: 1 }, ["a"], 15],
    ["everything else is denied, too", { a: 1, b: 2, c: 3 }, ["a", "b", "c"], 26],
  ])(
    "is given up after many more sessions where %s: somebody may have taken a role away",
    (_, values, denied, count) => {
      const { rig } = make();
      rig.telemetry.record(values);
      expect(sessionsUntilGivenUp(rig, denied)).toBe(count);
    },
  );

  test("has no witness in data of its own name, which sessions would end for as well", () => {
    const { rig } = make();
    for (let sample = 0; sample < 20; sample += 1) rig.telemetry.record("a", sample);
    rig.telemetry.record("b", 1);
    expect(sessionsUntilGivenUp(rig, ["a"])).toBe(6);
  });

  test("has another witness where the first one is denied, too", () => {
    const { rig } = make();
    rig.telemetry.record({ a: 1, c: 2, b: 3 });
    expect(sessionsUntilGivenUp(rig, ["a", "c"])).toBeLessThanOrEqual(9);
    expect(rig.telemetry.delivered).toBe(1);
  });

  test.each<Reason>([
    ...([
      "closed-before-connack",
      "acknowledge-timeout",
      "keepalive-timeout",
      "malformed-packet",
      "wifi-lost",
    ] as const),
  ])("is not given up for sessions that end by %s, which no denial looks like", (reason) => {
    const { rig } = make();
    rig.telemetry.record({ a: 1, b: 2 });
    expect(sessionsUntilGivenUp(rig, ["a"], reason)).toBe(Number.POSITIVE_INFINITY);
  });

  test("is not given up for what somebody else has sent before it", () => {
    const { rig } = make();
    const other = { onAcknowledged: () => undefined, onLost: () => undefined };
    rig.telemetry.record("a", 1);
    for (let session = 0; session < 30; session += 1) {
      rig.link.isOpen = true;
      rig.link.publish("master/thing/writeattributevalue/other", new Uint8Array(1), 1, other);
      rig.connect();
      rig.clock.advance(3_000);
      rig.link.close("connection-closed");
    }
    expect(rig.telemetry.quarantined).toBe(0);
  });

  test.each([0, 2])(
    "gives up what a gateway of another platform has left of its sub-devices, counts and names it, with maxSources %d",
    (maxSources) => {
      const flash = new FakeFlash();
      const gateway = new Rig({ flash, maxSources: 2 });
      for (let number = 0; number < 30; number += 1) {
        if (number % 10 < 3) gateway.telemetry.record("own", number);
        else gateway.telemetry.source(`child ${number % 2}`)?.record("theirs", number);
      }
      gateway.telemetry.store();
      const { rig } = make({ flash, maxSources });
      expect(rig.telemetry.source("child 0")).toBeUndefined();
      rig.connect();
      for (let round = 0; round < 40; round += 1) {
        rig.link.acknowledge();
        rig.clock.advance(1_000);
      }
      const topics = new Set(sent(rig).map(([topic]) => topic));
      expect([...topics]).toEqual(["writeattribute/own"]);
      expect(rig.telemetry).toMatchObject({ recovered: 30, delivered: 9, refused: 21, depth: 0, journaled: 0 });
      expect(rig.log.reasons("telemetry.refused")).toContain("too-many-sources");
    },
  );
});
