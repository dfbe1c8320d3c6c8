// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Reason } from "../../../modules/core/errors.js";
import { Exchange } from "../../../modules/session/exchange.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";

const nothing = new Uint8Array(0);

function setUp(maxPending = 3, origin = 0) {
  const clock = new FakeClock(origin);
  const link = new FakeLink();
  const failed: [string, Reason][] = [];
  const refusals = new Map<string, Reason>();
  const attempts: string[] = [];
  const exchange: Exchange<string> = new Exchange<string>({
    link,
    clock,
    maxPending,
    send: (id, item) => {
      attempts.push(item);
      return refusals.get(item) ?? link.publish(`${item}/${id}`, nothing, 0);
    },
    fail: (item, reason) => failed.push([item, reason]),
  });
  const sent = () => link.published.map(({ topic }) => topic);
  return { clock, link, failed, refusals, attempts, exchange, sent };
}

describe("Exchange", () => {
  test("gives ids from 0 and hands a request to its answer, once", () => {
    const { link, exchange, sent, clock, failed } = setUp();
    link.open();
    exchange.request("a", 1000);
    exchange.request("b", 1000);
    expect(sent()).toEqual(["a/0", "b/1"]);
    expect(exchange.take(1)).toBe("b");
    expect(exchange.take(1)).toBeUndefined();
    expect(exchange.take(0)).toBe("a");
    clock.advance(10_000);
    expect(failed).toEqual([]);
    expect(clock.pending).toBeUndefined();
  });

  test("tells late answers from those of others", () => {
    const { link, exchange } = setUp();
    expect(exchange.isOwn(0)).toBe(false);
    link.open();
    exchange.request("a", 1000);
    exchange.take(0);
    expect([exchange.isOwn(0), exchange.isOwn(1), exchange.isOwn(-1)]).toEqual([true, false, false]);
  });

  test("ends each request at its own time", () => {
    const { link, exchange, clock, failed } = setUp(3, 0x7fff_ff00);
    link.open();
    exchange.request("slow", 3000);
    exchange.request("quick", 1000);
    clock.advance(999);
    expect(failed).toEqual([]);
    clock.advance(1);
    expect(failed).toEqual([["quick", "request-timeout"]]);
    expect(exchange.take(1)).toBeUndefined();
    clock.advance(2000);
    expect(failed).toEqual([
      ["quick", "request-timeout"],
      ["slow", "request-timeout"],
    ]);
  });

  test("refuses one request too many, in the next turn", () => {
    const { link, exchange, clock, failed, sent } = setUp(2);
    link.open();
    for (const item of ["a", "b", "c"]) exchange.request(item, 1000);
    expect(failed).toEqual([]);
    clock.advance(0);
    expect(failed).toEqual([["c", "too-many-requests"]]);
    exchange.take(0);
    exchange.request("d", 1000);
    expect(sent()).toEqual(["a/0", "b/1", "d/2"]);
  });

  test("throws for more than 32 refused requests in one turn", () => {
    const { link, exchange, clock, failed } = setUp(1);
    link.open();
    for (let count = 0; count < 33; count += 1) exchange.request("a", 1000);
    expect(() => exchange.request("a", 1000)).toThrow(RangeError);
    clock.advance(0);
    expect(failed.length).toBe(32);
    exchange.request("a", 1000);
  });

  test("cancels what was sent when the session ends, in the next turn, and sends the rest in the next session", () => {
    const { link, exchange, clock, failed, sent } = setUp();
    link.open();
    link.room = 1;
    exchange.request("a", 1000);
    exchange.request("b", 1000);
    link.close();
    expect(failed).toEqual([]);
    clock.advance(0);
    expect(failed).toEqual([["a", "request-cancelled"]]);
    link.room = 9;
    link.open();
    expect(sent()).toEqual(["a/0", "b/1"]);
    expect(exchange.take(0)).toBeUndefined();
    expect(exchange.take(1)).toBe("b");
  });

  test("waits for a session no longer than the timeout", () => {
    const { link, exchange, clock, failed, sent } = setUp();
    exchange.request("a", 1000);
    exchange.request("b", 2000);
    clock.advance(1000);
    expect(failed).toEqual([["a", "request-timeout"]]);
    link.open();
    expect(sent()).toEqual(["b/1"]);
    expect(exchange.take(1)).toBe("b");
  });

  test("does not let an answer take what was not sent", () => {
    const { exchange } = setUp();
    exchange.request("a", 1000);
    expect(exchange.take(0)).toBeUndefined();
  });

  test("keeps the order of requests that wait for room, and tries no other when the first finds none", () => {
    const { link, exchange, sent, attempts } = setUp();
    link.open();
    link.room = 0;
    for (const item of ["a", "b", "c"]) exchange.request(item, 1000);
    expect(attempts).toEqual(["a", "a", "a"]);
    link.relieve(2);
    expect(sent()).toEqual(["a/0", "b/1"]);
    link.relieve();
    expect(sent()).toEqual(["a/0", "b/1", "c/2"]);
  });

  test("fails what can never be sent with the reason of that, in the next turn, and goes on", () => {
    const { link, exchange, clock, failed, sent, refusals } = setUp();
    refusals.set("a", "payload-too-large");
    link.open();
    exchange.request("a", 1000);
    exchange.request("b", 1000);
    expect(failed).toEqual([]);
    clock.advance(0);
    expect(failed).toEqual([["a", "payload-too-large"]]);
    expect(sent()).toEqual(["b/1"]);
  });

  test("lets a failed request be made again from its failure", () => {
    const clock = new FakeClock();
    const link = new FakeLink();
    let failures = 0;
    const exchange: Exchange<string> = new Exchange<string>({
      link,
      clock,
      maxPending: 1,
      send: (_id, item) => link.publish(item, nothing, 0),
      fail: (item) => {
        failures += 1;
        exchange.request(item, 1000);
      },
    });
    link.open();
    exchange.request("a", 1000);
    clock.advance(3500);
    expect(failures).toBe(3);
    expect(link.published.length).toBe(4);
  });

  test.each([0, -1, Number.NaN, 0x4000_0000])("refuses the timeout %d", (timeout) => {
    expect(() => setUp().exchange.request("a", timeout)).toThrow(RangeError);
  });

  test.each([0, 65, 1.5])("refuses to be made for %d pending requests", (maxPending) => {
    expect(() => setUp(maxPending)).toThrow(RangeError);
  });
});
