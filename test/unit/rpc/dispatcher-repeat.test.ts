// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { RpcDispatcherOptions } from "../../../modules/rpc/dispatcher.js";
import { request, setUpDispatcher } from "./dispatcher-room.js";

function setUp(options: Partial<RpcDispatcherOptions> = {}) {
  const room = setUpDispatcher(options);
  let runs = 0;
  room.dispatcher.handle("count", {}, () => {
    runs += 1;
    return runs;
  });
  room.dispatcher.handle("large", {}, () => {
    runs += 1;
    return `${runs}${"x".repeat(200)}`;
  });
  /** The server asks with this id; returns the replies. */
  const send = (id: number, method = "count", params: unknown = null) => {
    room.link.deliver(`v2/r/req/${id}`, request(method, params));
    return room.replies();
  };
  return { ...room, send, runs: () => runs };
}

describe("RpcDispatcher on a request that the server repeats", () => {
  test("gives the answer again that the server had acknowledged", () => {
    const { link, send, runs } = setUp();
    expect(send(0)).toEqual(["1"]);
    link.acknowledge();
    expect(send(0)).toEqual(["1"]);
    expect(runs()).toBe(1);
  });

  test("is silent while the answer is on its way or waits for room", () => {
    const { link, send, replies, runs } = setUp();
    expect(send(0)).toEqual(["1"]);
    expect(send(0)).toEqual([]);
    link.room = 0;
    expect(send(1)).toEqual([]);
    expect(send(1)).toEqual([]);
    link.relieve();
    expect(replies()).toEqual(["2"]);
    expect(runs()).toBe(2);
  });

  test("gives in the next session the answer that was lost with the last one, when it is asked again", () => {
    const { link, send, replies, runs } = setUp();
    send(0);
    link.close();
    link.open();
    expect(replies()).toEqual([]);
    expect(send(0)).toEqual(["1"]);
    expect(runs()).toBe(1);
  });

  test("gives in the next session the answer that still waited for room in the last one", () => {
    const { link, send, runs, replies } = setUp();
    link.room = 0;
    send(0);
    link.close();
    link.room = 9;
    link.open();
    link.relieve();
    expect(replies()).toEqual([]);
    expect(send(0)).toEqual(["1"]);
    expect(runs()).toBe(1);
  });

  test("runs a request with the same id and content in the next session, when the server had the answer to the first", () => {
    const { link, send } = setUp();
    expect(send(0)).toEqual(["1"]);
    link.acknowledge();
    link.close();
    link.open();
    expect(send(0)).toEqual(["2"]);
  });

  test("runs a request that has the id of an earlier one but not its content", () => {
    const { link, send } = setUp();
    expect(send(0, "count", { a: 1 })).toEqual(["1"]);
    expect(send(0, "count", { a: 2 })).toEqual(["2"]);
    link.acknowledge();
    expect(send(0, "count", { a: 2 })).toEqual(["2"]);
    link.close();
    link.open();
    expect(send(0, "count", { a: 3 })).toEqual(["3"]);
  });

  test("runs a request that has the content of an earlier one but not its id", () => {
    const { send } = setUp();
    expect(send(0)).toEqual(["1"]);
    expect(send(1)).toEqual(["2"]);
  });

  test("takes an equal request for a new one a minute after the answer was acknowledged", () => {
    const { clock, link, send } = setUp();
    send(0);
    clock.advance(50_000);
    link.acknowledge();
    clock.advance(60_000);
    expect(send(0)).toEqual(["1"]);
    link.acknowledge();
    clock.advance(60_001);
    expect(send(0)).toEqual(["2"]);
  });

  test("runs an equal request of a restarted server instead of giving it an answer kept for more than a minute", () => {
    const { clock, link, send } = setUp();
    send(0);
    link.close();
    clock.advance(86_400_000);
    link.open();
    expect(send(0)).toEqual(["2"]);
  });

  test("keeps a lost answer for a minute from the end of the session, however often sessions end meanwhile", () => {
    const { clock, link, send } = setUp();
    send(0);
    send(1);
    clock.advance(90_000);
    link.close();
    for (let count = 0; count < 2; count += 1) {
      clock.advance(30_000);
      link.open();
      if (count === 1) expect(send(0)).toEqual(["1"]);
      link.close();
    }
    clock.advance(1);
    link.open();
    expect(send(1)).toEqual(["3"]);
  });

  test("forgets a lost answer for good, although the clock wraps around to where it was lost", () => {
    const { clock, link, send } = setUp();
    send(0);
    link.close();
    clock.advance(2 ** 31);
    link.open();
    send(1);
    clock.advance(2 ** 31);
    expect(send(0)).toEqual(["3"]);
  });

  test("takes an equal request for a new one a minute after an answer nobody acknowledged was sent", () => {
    const { clock, link, send, replies } = setUp();
    link.room = 0;
    send(0);
    clock.advance(50_000);
    link.relieve();
    expect(replies()).toEqual(["1"]);
    clock.advance(60_000);
    expect(send(0)).toEqual([]);
    clock.advance(1);
    expect(send(0)).toEqual(["2"]);
  });

  test("takes an equal request for a new one when the answer waits for room for more than a minute", () => {
    const { clock, link, send, replies } = setUp();
    link.room = 0;
    send(0);
    clock.advance(40_000);
    link.relieve(0);
    clock.advance(20_001);
    send(0);
    link.relieve();
    expect(replies()).toEqual(["2"]);
  });

  test("remembers the last 16 requests", () => {
    const { link, send } = setUp();
    for (let id = 0; id < 17; id += 1) send(id);
    link.acknowledge();
    expect(send(1)).toEqual(["2"]);
    expect(send(16)).toEqual(["17"]);
    expect(send(0)).toEqual(["18"]);
  });

  test("forgets answers the server has before those it does not have, older though they are", () => {
    const { link, send, replies } = setUp();
    link.room = 0;
    send(100);
    link.room = 99;
    for (let id = 0; id < 15; id += 1) send(id);
    link.acknowledge();
    send(200);
    link.relieve();
    expect(replies()).toEqual(["1"]);
    expect(send(1)).toEqual(["3"]);
    expect(send(0)).toEqual(["18"]);
  });

  test("runs a request again whose answer was too large to be kept and was lost", () => {
    const { link, send, runs } = setUp();
    expect(send(0, "large")[0]).toMatch(/^"1x/);
    link.close();
    link.open();
    expect(send(0, "large")[0]).toMatch(/^"2x/);
    link.acknowledge();
    expect(send(0, "large")).toEqual([]);
    expect(runs()).toBe(2);
  });

  test("keeps larger answers when it is told to", () => {
    const { link, send, runs } = setUp({ maxKeptBytes: 512 });
    const answers = send(0, "large");
    link.close();
    link.open();
    expect(send(0, "large")).toEqual(answers);
    expect(runs()).toBe(1);
  });

  test("keeps the answers of different requests apart", () => {
    const { link, send } = setUp();
    for (let id = 0; id < 5; id += 1) send(id);
    link.acknowledge();
    for (let id = 4; id >= 0; id -= 1) expect(send(id)).toEqual([String(id + 1)]);
  });

  test("runs a request whose place the answer to an older one of its id gave up while it waited for room", () => {
    const { dispatcher, link, send, replies } = setUp();
    link.room = 0;
    for (let id = 0; id < 16; id += 1) send(id);
    send(0, "count", "other");
    link.relieve();
    expect(replies()[0]).toBe("17");
    expect(dispatcher.failures.counts.total).toBe(0);
  });

  test("drops an answer that waited for room when its id came to mean another request", () => {
    const { link, send, replies } = setUp();
    link.room = 0;
    send(0, "count", 1);
    send(0, "count", 2);
    link.relieve();
    expect(replies()).toEqual(["2"]);
  });
});
