// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Reason } from "../../../modules/core/errors.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { type FussyOptions, FussyServer } from "./fussy-server.js";
import { Rig } from "./rig.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

const minute = 60_000;

/** A rig with 300 data, "a" of 0 to 299, and a server. */
function begin(hasJournal: boolean, server: FussyOptions, options: Partial<TelemetryOptions> = {}): [Rig, FussyServer] {
  const rig = new Rig({ maxAge: 0, ...(hasJournal ? { flash: new FakeFlash() } : {}), ...options });
  for (let sample = 0; sample < 300; sample += 1) {
    rig.telemetry.record("a", sample);
    rig.clock.advance(1);
  }
  return [rig, new FussyServer(rig, server)];
}

/** The server had each of them once, and nothing was given up. */
function expectAll(rig: Rig, server: FussyServer): void {
  const values = server.acknowledged.filter(({ key }) => key === "a").map(({ value }) => Number(value));
  expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, sample) => sample));
  expect(rig.telemetry).toMatchObject({ quarantined: 0, dropped: 0, refused: 0, depth: 0 });
}

describe.each([
  ["in RAM", false],
  ["with a journal", true],
])("Telemetry, innocent, %s: nothing is given up", (_name, hasJournal) => {
  test("on a link whose sessions end at random", () => {
    const lifetimes = fc.array(fc.oneof(fc.constant(0), fc.nat(400), fc.nat(4_000), fc.nat(20_000)), {
      minLength: 5,
      maxLength: 60,
    });
    fc.assert(
      fc.property(lifetimes, fc.integer({ min: 50, max: 500 }), fc.boolean(), (list, roundTrip, hasLive) => {
        let session = 0;
        const [rig, server] = begin(hasJournal, { roundTrip, lifetime: () => list[session++] ?? 2 * minute });
        const onStep = (elapsed: number): void => {
          if (hasLive && elapsed % 700 === 0) rig.telemetry.record("live", elapsed);
        };
        for (let round = 0; round < 60 && session <= list.length; round += 1) server.run(10_000, onStep);
        server.finish(4 * minute);
        expectAll(rig, server);
        expect(rig.telemetry.delivered).toBe(rig.telemetry.recorded);
      }),
      { seed: 11, numRuns: isOnXs ? 15 : 60 },
    );
  });

  test.each([
    ["quickly, in sessions of a second", 100, 1_000],
    ["slowly, in sessions of a second and a half", 1_000, 1_500],
    ["slowly, in sessions of four seconds", 1_500, 4_000],
  ])("where the server acknowledges %s", (_how, roundTrip, lifetime) => {
    const [rig, server] = begin(hasJournal, { roundTrip, lifetime: () => lifetime });
    server.finish(20 * minute);
    expectAll(rig, server);
  });

  test.each([
    ["every session ends within a second", { roundTrip: 2_000, lifetime: () => 1_000 }],
    ["every session ends at once", { lifetime: () => 0 }],
    ["no session is ever live", { welcomes: false, acknowledges: false, lifetime: () => 5_000 }],
    ["the server refuses the credentials", { welcomes: false, lifetime: () => 100, endsWith: "refused-credentials" }],
    ["the server is unavailable", { welcomes: false, lifetime: () => 100, endsWith: "refused-unavailable" }],
    ["the Wi-Fi comes and goes", { roundTrip: 5_000, lifetime: () => 4_000, endsWith: "wifi-lost" }],
    // Three hundred milliseconds after the session is live: what somebody else publishes at connect.
    ["somebody else is poisonous", { acknowledges: false, lifetime: () => 400 }],
  ] as [string, FussyOptions & { endsWith?: Reason }][])(
    "in 100 sessions while %s, and then all is well",
    (_when, how) => {
      const [rig, server] = begin(hasJournal, how);
      while (server.sessions < 100) server.run(10_000);
      expect(server.acknowledged).toEqual([]);
      server.options = {};
      server.run(40_000);
      expectAll(rig, server);
    },
  );

  test.each([
    ["ends the session for whatever is published", { isPoison: () => true }],
    ["acknowledges nothing", { acknowledges: false, lifetime: () => 20_000, endsWith: "acknowledge-timeout" }],
  ] as [string, FussyOptions][])("in 20 sessions while the server %s; then one datum in 12", (_what, how) => {
    const [rig, server] = begin(hasJournal, how);
    while (server.sessions < 21) server.run(1_000);
    expect(rig.telemetry.quarantined).toBe(0);
    while (server.sessions < 100) server.run(1_000);
    expect(rig.telemetry.quarantined).toBeLessThanOrEqual(7);
    const { quarantined } = rig.telemetry;
    server.options = {};
    server.finish(minute);
    expect(rig.telemetry).toMatchObject({ quarantined, delivered: 300 - quarantined, depth: 0 });
  });

  test("when it is under way at every end of a session that a live datum causes", () => {
    const [rig, server] = begin(hasJournal, { isPoison: ({ key }) => key === "bad" });
    server.run(30 * minute, (elapsed) => {
      if (elapsed < 20 * minute && elapsed % (5 * minute) === 0) rig.telemetry.record("bad", 1);
      if (elapsed % 1_000 === 0) rig.telemetry.record("live", elapsed);
    });
    server.finish(minute);
    const values = server.acknowledged.filter(({ key }) => key === "a");
    expect(values).toHaveLength(300);
    expect(rig.telemetry).toMatchObject({ quarantined: 4, dropped: 0, depth: 0 });
  });
});

describe("Telemetry, suspects", () => {
  /** A journal of an earlier boot with 300 data, one of them poisoned. */
  function journalOf(isPoisoned: boolean): FakeFlash {
    const flash = new FakeFlash();
    const { telemetry } = new Rig({ flash });
    for (let sample = 0; sample < 300; sample += 1)
      telemetry.record("old", isPoisoned && sample === 30 ? "poison" : sample);
    telemetry.store();
    return flash;
  }

  test("in the journal do not keep live data waiting while there is a session", () => {
    const rig = new Rig({ flash: journalOf(true), maxAge: 0, storeAfter: 3_600_000 });
    const server = new FussyServer(rig, { isPoison: ({ value }) => value === "poison" });
    server.run(2 * minute, (elapsed) => elapsed % 500 === 0 && rig.telemetry.record("live", elapsed));
    expect(rig.telemetry).toMatchObject({ quarantined: 1, journaled: 0 });
    // Live data wait for the next session, which is a second later, and for a trial.
    expect(server.longestSilence).toBeLessThan(5_000);
    expect(server.killers.length).toBeLessThanOrEqual(13);
  });

  test("in the queue do not keep the backlog waiting", () => {
    const rig = new Rig({ flash: journalOf(false), maxAge: 0, whenFull: "drop-oldest" });
    const server = new FussyServer(rig, { isPoison: ({ value }) => value === "poison" });
    for (const value of [1, 2, "poison", 4]) rig.telemetry.record("new", value);
    while (server.killers.length < 5) server.run(1_000);
    expect(rig.telemetry).toMatchObject({ journaled: 0, quarantined: 0 });
    server.finish(5 * minute);
    expect(rig.telemetry).toMatchObject({ delivered: 303, quarantined: 1, depth: 0 });
  });

  test("in both are both found, and the rest is delivered once", () => {
    const rig = new Rig({ flash: journalOf(true), maxAge: 0, whenFull: "drop-oldest" });
    const server = new FussyServer(rig, { isPoison: ({ value }) => value === "poison" });
    for (const value of [1, 2, "poison", 4]) rig.telemetry.record("new", value);
    server.run(5 * minute, (elapsed) => elapsed % 1_000 === 0 && rig.telemetry.record("live", elapsed));
    server.finish(minute);
    expect(rig.telemetry).toMatchObject({ quarantined: 2, depth: 0, dropped: 0 });
    expect(server.acknowledged.filter(({ key }) => key !== "live")).toHaveLength(302);
    expect(server.killers.length).toBeLessThanOrEqual(2 * 13);
  });

  test("are published alone, in a session that has been live for two seconds", () => {
    const rig = new Rig({ maxAge: 0, maxCount: 8, window: 4 });
    const server = new FussyServer(rig, { isPoison: ({ value }) => value === 20 });
    for (let sample = 0; sample < 32; sample += 1) rig.telemetry.record("a", sample);
    while (server.killers.length < 3) server.run(50);
    const from = rig.link.published.length;
    server.run(1_150);
    expect(server.sessions).toBe(4);
    server.run(1_900);
    expect(rig.link.published).toHaveLength(from);
    server.run(50);
    expect(rig.link.unacknowledged).toBe(1);
    expect(rig.received(rig.link.published.slice(from)).map(({ value }) => value)).toEqual([16, 17, 18, 19]);
  });

  test("that are spilled are not suspects any more", () => {
    const rig = new Rig({ flash: new FakeFlash(), maxAge: 0, storeAfter: 60_000 });
    const server = new FussyServer(rig, { lifetime: () => 500, roundTrip: 1_000 });
    rig.telemetry.record("a", 1);
    server.run(10_000);
    rig.telemetry.store();
    server.options = { roundTrip: 100 };
    server.run(3_000);
    rig.telemetry.record("a", 2);
    server.run(300);
    expect(server.acknowledged.map(({ value }) => value)).toContain(2);
  });
});
