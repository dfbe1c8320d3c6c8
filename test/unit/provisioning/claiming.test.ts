// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import type { ClaimRequest } from "../../../modules/cloud/claim.js";
import { ThingsBoardClaim } from "../../../modules/cloud/thingsboard-claim.js";
import { Claiming } from "../../../modules/provisioning/claiming.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const minute = 60_000;
const day = 86_400_000;

let clock: FakeClock;
let link: FakeLink;
let log: FakeLog;
let claiming: Claiming;

beforeEach(() => {
  // The ticks wrap in the middle of the longest claim.
  clock = new FakeClock(2 ** 31 - 10 * minute);
  link = new FakeLink();
  log = new FakeLog();
  claiming = new Claiming({ clock, text, log, link, dialect: new ThingsBoardClaim() });
});

function claims(): unknown[] {
  for (const { topic, QoS } of link.published) expect([topic, QoS]).toEqual(["v1/devices/me/claim", 1]);
  return link.published.splice(0).map(({ payload }) => JSON.parse(payload));
}

describe("a claim", () => {
  test("of nothing special is sent in a session that is open, from a callback, for a day", () => {
    link.open();
    claiming.open();
    expect(claims()).toEqual([]);
    clock.advance(0);
    expect(claims()).toEqual([{ durationMs: day }]);
    link.acknowledge();
    expect(log.events()).toEqual(["claim.open", "claim.sent"]);
  });

  test("before the session waits for it, and tells the time that is left", () => {
    claiming.open({ secretKey: "key", duration: 10 * minute });
    clock.advance(4 * minute);
    expect(claims()).toEqual([]);
    link.open();
    expect(claims()).toEqual([{ secretKey: "key", durationMs: 6 * minute }]);
  });

  test("is stated again at each connect while its time lasts, and not after", () => {
    claiming.open({ secretKey: "key", duration: 10 * minute });
    for (const left of [9, 6, 3]) {
      clock.advance(left === 9 ? minute : 3 * minute);
      link.open();
      expect(claims()).toEqual([{ secretKey: "key", durationMs: left * minute }]);
      link.acknowledge();
      link.close();
    }
    expect(claiming.isOpen).toBe(true);
    clock.advance(3 * minute);
    expect(claiming.isOpen).toBe(false);
    link.open();
    clock.advance(30 * day);
    expect(claims()).toEqual([]);
    expect(log.events().filter((event) => event === "claim.over")).toHaveLength(1);
  });

  test("that ends while it waits for a session is not sent at all, nor with no time left", () => {
    claiming.open({ duration: 1_000 });
    clock.advance(1_000);
    link.open();
    expect(claims()).toEqual([]);
    expect(claiming.isOpen).toBe(false);
  });

  test("that is lost with its session is sent in the next one", () => {
    link.open();
    claiming.open({ duration: minute });
    clock.advance(0);
    link.close();
    clock.advance(1_000);
    link.open();
    expect(claims()).toEqual([{ durationMs: minute }, { durationMs: minute - 1_000 }]);
  });

  test("waits for room", () => {
    link.open();
    link.room = 0;
    claiming.open({ duration: minute });
    clock.advance(1_000);
    expect(claims()).toEqual([]);
    link.relieve();
    expect(claims()).toEqual([{ durationMs: minute - 1_000 }]);
    link.relieve();
    expect(claims()).toEqual([]);
  });

  test("gives way to a later one", () => {
    link.open();
    claiming.open({ secretKey: "one", duration: minute });
    clock.advance(0);
    claiming.open({ secretKey: "two", duration: 2 * minute });
    clock.advance(minute + 1);
    expect(claims()).toEqual([
      { secretKey: "one", durationMs: minute },
      { secretKey: "two", durationMs: 2 * minute },
    ]);
    expect(claiming.isOpen).toBe(true);
  });

  test("of 24 days ends after 24 days", () => {
    claiming.open({ duration: 24 * day });
    clock.advance(24 * day - 1);
    link.open();
    expect(claims()).toEqual([{ durationMs: 1 }]);
    clock.advance(1);
    expect(claiming.isOpen).toBe(false);
  });

  test("with the longest key of the worst characters is sent whole", () => {
    const secretKey = "\u0001".repeat(64);
    link.open();
    claiming.open({ secretKey });
    clock.advance(0);
    expect(claims()).toEqual([{ secretKey, durationMs: day }]);
  });

  test("over the size of a message is refused by name, and does not end the session", () => {
    link.maxPayload = 20;
    link.open();
    claiming.open({ secretKey: "key" });
    clock.advance(0);
    expect(log.reasons("claim.failed")).toEqual(["payload-too-large"]);
    expect(claims()).toEqual([]);
  });
});

describe("a claim is refused, and changes nothing, for", () => {
  const wrong: readonly [string, unknown, typeof TypeError | typeof RangeError, string][] = [
    ["an empty key", { secretKey: "" }, RangeError, "secretKey"],
    ["a key of 65 characters", { secretKey: "k".repeat(65) }, RangeError, "secretKey"],
    ["a numeric key", { secretKey: 1234 }, TypeError, "secretKey"],
    ["null as its key", { secretKey: null }, TypeError, "secretKey"],
    ["no duration at all", { duration: 0 }, RangeError, "duration"],
    ["less than a second", { duration: 999 }, RangeError, "duration"],
    ["more than 24 days", { duration: 24 * day + 1 }, RangeError, "duration"],
    ["half a millisecond", { duration: 1_000.5 }, RangeError, "duration"],
    ["NaN", { duration: Number.NaN }, RangeError, "duration"],
    ["a duration that is text", { duration: "1000" }, TypeError, "duration"],
    ["a key instead of an object", "key", TypeError, "request"],
    ["a duration instead of an object", 60_000, TypeError, "request"],
    ["null", null, TypeError, "request"],
  ];

  test.each(wrong)("%s", (_, request, kind, name) => {
    link.open();
    expect(() => claiming.open(request as ClaimRequest)).toThrow(kind);
    expect(() => claiming.open(request as ClaimRequest)).toThrow(name);
    clock.advance(day);
    expect(claiming.isOpen).toBe(false);
    expect(claims()).toEqual([]);
  });
});
