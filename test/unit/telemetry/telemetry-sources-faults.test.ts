// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { SessionLimits } from "../../../modules/cloud/dialect.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { FussyServer } from "./fussy-server.js";
import { PacedLink } from "./paced-link.js";
import { boot, dataOf, type Received, Rig, sourceOf } from "./rig.js";

const minute = 60_000;

/** As without sub-devices: see the tests of poison. */
const maxKills = 15;

/** Samples of a millisecond each, of sub-devices and the device itself. */
function record(rig: Rig, count: number, poisoned: number): void {
  const { telemetry, clock } = rig;
  for (let sample = 0; sample < count; sample += 1) {
    const source = sourceOf(sample, 5);
    const to = source === undefined ? telemetry : telemetry.source(source);
    to?.record(`key ${sample % 3}`, sample === poisoned ? "poison" : sample);
    clock.advance(1);
  }
}

function numbersOf(data: readonly Received[]): number[] {
  return data
    .filter(({ key }) => key !== "live")
    .map(({ value }) => Number(value))
    .sort((one, other) => one - other);
}

describe.each<[string, () => Partial<TelemetryOptions>]>([
  ["in RAM", () => ({})],
  ["with a journal", () => ({ flash: new FakeFlash() })],
])("Telemetry of sub-devices, poison, %s", (_name, options) => {
  test("is found in mixed batches and named with its sub-device, and the rest is delivered once", () => {
    for (let poisoned = 0; poisoned < 60; poisoned += 7) {
      const rig = new Rig({ maxAge: 0, maxSources: 4, ...options() });
      const quarantined: unknown[] = [];
      rig.telemetry.onQuarantined((key, ts, source) => quarantined.push([key, ts, source]));
      const server = new FussyServer(rig, { isPoison: ({ value }) => value === "poison" });
      record(rig, 60, poisoned);
      server.run(2 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
      server.finish(minute);
      const source = sourceOf(poisoned, 5);
      const key = `key ${poisoned % 3}`;
      expect(quarantined).toEqual([[key, boot + poisoned, source]]);
      const { detail } = rig.log.entries.find(({ reason }) => reason === "poisoned-datum") ?? {};
      expect(detail).toMatch(source === undefined ? `${key}: ended` : `${key} of ${source}: ended`);
      const healthy = Array.from({ length: 60 }, (_, sample) => sample).filter((sample) => sample !== poisoned);
      expect(numbersOf(server.acknowledged)).toEqual(healthy);
      expect(server.killers.length).toBeLessThanOrEqual(maxKills);
      expect(rig.telemetry).toMatchObject({ quarantined: 1, depth: 0, dropped: 0, refused: 0 });
    }
  });
});

describe("Telemetry of many sub-devices", () => {
  test("asks for as much of the limits as a message of the backlog will take", () => {
    const flash = new FakeFlash();
    const before = new Rig({ flash, maxSources: 3 });
    for (let sample = 0; sample < 9; sample += 1) before.telemetry.source(`child ${sample % 3}`)?.record("old", sample);
    before.telemetry.store();
    const rig = new Rig({ flash, maxSources: 3 });
    const asked: unknown[] = [];
    rig.link.leaves = (part, dataPoints, devices) => {
      asked.push([part, dataPoints, devices]);
      return true;
    };
    rig.connect();
    expect(asked).toEqual([[0.5, 9, 3]]);
    expect(rig.link.published).toMatchObject([{ dataPoints: 9, devices: 3 }]);
  });

  test("keeps to the limits that the server has for them, with a backlog and without", () => {
    const rates = (messages: number, dataPoints: number) => ({
      messages: [],
      telemetryMessages: [{ count: messages, period: 1_000 }],
      telemetryDataPoints: [{ count: dataPoints, period: 1_000 }],
    });
    const limits: SessionLimits = {
      ...{ maxPayload: undefined, maxInflight: undefined, ...rates(5, 100) },
      subDevices: rates(40, 60),
    };
    const flash = new FakeFlash({ blocks: 64 });
    const before = new Rig({ flash, maxSources: 200 });
    for (let sample = 0; sample < 600; sample += 1)
      before.telemetry.source(`child ${sample % 200}`)?.record("old", sample);
    before.telemetry.store();
    const rig = new Rig({ flash, maxSources: 200 });
    const link = new PacedLink(rig, limits);
    link.open();
    for (let second = 0; second < 60; second += 1) {
      for (let child = 0; child < 10; child += 1)
        rig.telemetry.source(`child ${(second * 10 + child) % 200}`)?.record("new", second);
      rig.telemetry.record("own", second);
      rig.clock.advance(1_000);
    }
    rig.clock.advance(minute);
    expect(link.violations).toEqual([]);
    expect(rig.telemetry).toMatchObject({ recovered: 600, delivered: 1_260, depth: 0 });
    const names = new Set(rig.link.published.flatMap((message) => dataOf(message)).map(({ source }) => source));
    expect(names.size).toBe(201);
  });
});
