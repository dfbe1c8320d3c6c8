// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import { OpenRemoteRefusals } from "../../../modules/cloud/openremote-refusals.js";
import { OpenRemoteTelemetry } from "../../../modules/cloud/openremote-telemetry.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { boot, Rig } from "./rig.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";

function make(options: Partial<TelemetryOptions> = {}) {
  const refusals = new OpenRemoteRefusals([]);
  const dialect = new OpenRemoteTelemetry(new OpenRemoteAddress("thing", "master", id), refusals);
  return { rig: new Rig({ dialect, ...options }), refusals };
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

  test("is given up after six sessions that ended for it, without a witness", () => {
    const { rig } = make();
    const told: string[] = [];
    rig.telemetry.onQuarantined((key) => told.push(key));
    rig.telemetry.record("a", 1);
    for (let session = 1; session <= 6; session += 1) {
      expect(told).toEqual([]);
      rig.connect();
      rig.clock.advance(3_000);
      rig.link.close("closed-after-connack");
    }
    expect(told).toEqual(["a"]);
  });

  test("is not given up for sessions that a lockout ended", () => {
    const { rig } = make();
    rig.telemetry.record("a", 1);
    for (let session = 0; session < 30; session += 1) {
      rig.connect();
      rig.clock.advance(3_000);
      rig.link.close("closed-before-connack");
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
