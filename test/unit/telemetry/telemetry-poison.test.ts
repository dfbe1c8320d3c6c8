// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { type FussyOptions, FussyServer } from "./fussy-server.js";
import { boot, type Received, Rig } from "./rig.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

const minute = 60_000;

/** Sessions that one poisoned datum of a batch of 100 costs: three to suspect the batch, seven to halve it down, three to be sure. */
const maxKills = 13;

/** The same while nothing else is acknowledged in between: twelve to be sure. */
const maxKillsWithoutWitness = 22;

/** Sessions that poison in the queue may cost before it moves to the journal, where the search begins anew. */
const killsBeforeStored = 2;

function isPoison({ value }: Received): boolean {
  return value === "poison";
}

/** Records samples of a millisecond each, 0 to `count` - 1, some of them poisoned. */
function record(rig: Rig, count: number, poisoned: readonly number[]): void {
  for (let sample = 0; sample < count; sample += 1) {
    rig.telemetry.record("a", poisoned.includes(sample) ? "poison" : sample);
    rig.clock.advance(1);
  }
}

interface Case {
  readonly rig: Rig;
  readonly server: FussyServer;
  readonly quarantined: [string, number | undefined][];
}

/** In RAM only. */
function inQueue(options: Partial<TelemetryOptions> = {}, server: FussyOptions = {}): Case {
  const rig = new Rig({ maxAge: 0, ...options });
  const quarantined: [string, number | undefined][] = [];
  rig.telemetry.onQuarantined((key, ts) => quarantined.push([key, ts]));
  return { rig, server: new FussyServer(rig, { isPoison, ...server }), quarantined };
}

function inJournal(options: Partial<TelemetryOptions> = {}, server: FussyOptions = {}): Case {
  return inQueue({ flash: new FakeFlash(), ...options }, server);
}

/** Every datum once, except for the poisoned ones; the live data that were recorded besides are of another key. */
function expectRest({ rig, server }: Case, count: number, poisoned: readonly number[]): void {
  const healthy = Array.from({ length: count }, (_, sample) => sample).filter((sample) => !poisoned.includes(sample));
  const values = server.acknowledged.filter(({ key }) => key === "a").map(({ value }) => Number(value));
  expect(values.sort((a, b) => a - b)).toEqual(healthy);
  for (const { key, ts, value } of server.acknowledged) if (key === "a") expect(ts).toBe(boot + Number(value));
  expect(rig.telemetry).toMatchObject({ quarantined: poisoned.length, depth: 0, dropped: 0, refused: 0 });
  expect(rig.telemetry.delivered).toBe(rig.telemetry.recorded - poisoned.length);
}

describe.each([
  ["in RAM", inQueue, 0],
  ["with a journal", inJournal, killsBeforeStored],
])("Telemetry, poison, %s", (_name, begin, extraKills) => {
  test("a poisoned datum anywhere in a batch is found, and the rest is delivered once", () => {
    let most = 0;
    for (let position = 0; position < 100; position += isOnXs ? 9 : 1) {
      const poison = begin();
      const { rig, server, quarantined } = poison;
      record(rig, 100, [position]);
      // Something else to be acknowledged, as there is on any device.
      server.run(2 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
      server.finish(minute);
      expectRest(poison, 100, [position]);
      expect(quarantined).toEqual([["a", boot + position]]);
      most = Math.max(most, server.killers.length);
    }
    expect(most).toBeLessThanOrEqual(maxKills + extraKills);
  });

  test("it is reported with its key, and logged", () => {
    const { rig, server } = begin();
    rig.telemetry.record({ healthy: 1, bad: "poison", fine: true });
    server.run(2 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
    const entry = rig.log.entries.find(({ reason }) => reason === "poisoned-datum");
    expect(entry).toMatchObject({ event: "telemetry.refused", level: "warning" });
    expect(entry?.detail).toContain("bad");
  });

  test.each([
    [0, 1],
    [0, 99],
    [48, 51],
    [98, 99],
  ])("two poisoned data, at %d and %d, are both found", (first, second) => {
    const poison = begin();
    const { rig, server, quarantined } = poison;
    record(rig, 100, [first, second]);
    server.run(4 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
    server.finish(minute);
    expectRest(poison, 100, [first, second]);
    expect(quarantined).toEqual([
      ["a", boot + first],
      ["a", boot + second],
    ]);
    expect(server.killers.length).toBeLessThanOrEqual(2 * maxKills + extraKills);
  });

  test("two in different batches are found, too", () => {
    const poison = begin();
    const { rig, server } = poison;
    record(rig, 400, [20, 350]);
    server.run(4 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
    server.finish(minute);
    expectRest(poison, 400, [20, 350]);
    expect(server.killers.length).toBeLessThanOrEqual(2 * maxKills + extraKills);
  });

  test("one that is alone is given up, with more patience since it might be the server", () => {
    const poison = begin();
    const { rig, server } = poison;
    record(rig, 1, [0]);
    server.run(2 * minute);
    expect(server.killers).toHaveLength(15 + extraKills);
    expectRest(poison, 1, [0]);
    const { sessions } = server;
    server.run(minute);
    expect(server.sessions).toBe(sessions);
  });

  test("without anything new to be acknowledged, it takes some more sessions", () => {
    for (const position of [0, 50, 99]) {
      const poison = begin();
      const { rig, server } = poison;
      record(rig, 100, [position]);
      server.run(4 * minute);
      expectRest(poison, 100, [position]);
      expect(server.killers.length).toBeLessThanOrEqual(maxKillsWithoutWitness + extraKills);
    }
  });

  test("data that come after the poison are delivered as ever", () => {
    const { rig, server } = begin();
    record(rig, 10, [5]);
    server.run(2 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
    expect(rig.telemetry.quarantined).toBe(1);
    const from = rig.link.published.length;
    record(rig, 500, []);
    server.run(1_000);
    expect(Math.max(...rig.link.published.slice(from).map(({ dataPoints }) => dataPoints))).toBe(100);
    expect(rig.telemetry.depth).toBe(0);
  });
});
