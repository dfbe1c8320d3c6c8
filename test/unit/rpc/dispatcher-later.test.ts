// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { RpcDispatcherOptions } from "../../../modules/rpc/dispatcher.js";
import { failure, Later, request, setUpDispatcher } from "./dispatcher-room.js";

function setUp(options: Partial<RpcDispatcherOptions> = {}) {
  const room = setUpDispatcher(options);
  const pending: Later[] = [];
  room.dispatcher.handle("slow", {}, () => {
    const later = new Later();
    pending.push(later);
    return later;
  });
  room.dispatcher.handle("quick", {}, () => "now");
  const settle = (index: number, value: unknown) => (pending[index] as Later).resolve(value);
  return { ...room, pending, settle };
}

describe("RpcDispatcher with a handler that answers later", () => {
  test("answers when the result comes, others meanwhile", () => {
    const { ask, link, settle, clock } = setUp();
    expect(ask("slow")).toEqual([]);
    expect(ask("quick")).toEqual(['"now"']);
    expect(ask("slow")).toEqual([]);
    settle(1, "second");
    settle(0, "first");
    expect(link.published).toMatchObject([
      { topic: "v2/r/res/2", payload: '"second"' },
      { topic: "v2/r/res/0", payload: '"first"' },
    ]);
    expect(clock.pending).toBeUndefined();
  });

  test("takes the promises of the language", async () => {
    const { dispatcher, ask, replies } = setUp();
    dispatcher.handle("resolves", {}, () => Promise.resolve(1));
    dispatcher.handle("rejects", {}, () => Promise.reject(new Error("no")));
    ask("resolves");
    ask("rejects");
    await Promise.resolve();
    expect(replies()).toEqual(["1", failure("handler-failed", "no")]);
  });

  test("answers a rejection by a failure", () => {
    const { ask, pending, replies } = setUp();
    ask("slow");
    pending[0]?.reject(new Error("no"));
    expect(replies()).toEqual([failure("handler-failed", "no")]);
  });

  test("answers a promise that settles, or throws, inside then", () => {
    const { dispatcher, ask } = setUp();
    // biome-ignore-start lint/suspicious/noThenProperty: promises of somebody else's making.
    dispatcher.handle("at-once", {}, () => ({ then: (onResult: (value: unknown) => void) => onResult(1) }));
    dispatcher.handle("throws", {}, () => ({
      then: () => {
        throw new Error("no");
      },
    }));
    // biome-ignore-end lint/suspicious/noThenProperty: promises of somebody else's making.
    expect(ask("at-once")).toEqual(["1"]);
    expect(ask("throws")).toEqual([failure("handler-failed", "no")]);
  });

  test("answers a result whose then cannot be read by a failure, and takes the next request", () => {
    const { dispatcher, ask } = setUp({ maxPending: 1 });
    dispatcher.handle("m", {}, () => ({
      // biome-ignore lint/suspicious/noThenProperty: an object of somebody else's making.
      get then() {
        throw new Error("no");
      },
    }));
    expect(ask("m")).toEqual([failure("handler-failed", "no")]);
    expect(ask("quick")).toEqual(['"now"']);
  });

  test("does not take an object for a promise because it has a then", () => {
    const { dispatcher, ask } = setUp();
    // biome-ignore lint/suspicious/noThenProperty: not a promise.
    dispatcher.handle("m", {}, () => ({ then: 1 }));
    expect(ask("m")).toEqual(['{"then":1}']);
  });

  test("answers once, whatever the promise does", () => {
    const { ask, pending, replies } = setUp();
    ask("slow");
    pending[0]?.resolve(1);
    pending[0]?.resolve(2);
    pending[0]?.reject(new Error("no"));
    expect(replies()).toEqual(["1"]);
  });

  test("answers by a failure at the deadline, and ignores the late result", () => {
    const { ask, clock, replies, settle } = setUp({ deadline: 5000 });
    ask("slow");
    clock.advance(1000);
    ask("slow");
    clock.advance(3999);
    expect(replies()).toEqual([]);
    clock.advance(1);
    expect(replies()).toEqual([failure("request-timeout", "no result in 5000 ms")]);
    settle(0, "late");
    expect(replies()).toEqual([]);
    settle(1, "in time");
    expect(replies()).toEqual(['"in time"']);
    clock.advance(60_000);
    expect(replies()).toEqual([]);
  });

  test("keeps to the deadline of the method, shorter or longer than that of the others", () => {
    const { dispatcher, ask, clock, replies } = setUp({ deadline: 5000 });
    dispatcher.handle("hasty", {}, () => new Later(), { deadline: 100 });
    dispatcher.handle("patient", {}, () => new Later(), { deadline: 60_000 });
    for (const method of ["patient", "slow", "hasty"]) ask(method);
    clock.advance(100);
    expect(replies()).toEqual([failure("request-timeout", "no result in 100 ms")]);
    clock.advance(4900);
    expect(replies()).toEqual([failure("request-timeout", "no result in 5000 ms")]);
    clock.advance(54_999);
    expect(replies()).toEqual([]);
    clock.advance(1);
    expect(replies()).toEqual([failure("request-timeout", "no result in 60000 ms")]);
  });

  test("answers with the result of a handler that computes past its deadline", () => {
    const { dispatcher, ask, clock } = setUp({ deadline: 10 });
    dispatcher.handle("blocks", {}, () => {
      clock.advance(1000);
      return "done";
    });
    expect(ask("blocks")).toEqual(['"done"']);
  });

  test("a late result does not answer the request that took its place", () => {
    const { ask, clock, replies, settle } = setUp();
    ask("slow");
    clock.advance(10_000);
    replies();
    for (let count = 0; count < 20; count += 1) ask("quick");
    ask("slow");
    settle(0, "late");
    expect(replies()).toEqual([]);
  });

  test("refuses every request while four are pending, and takes the next one after", () => {
    const { ask, settle, replies, dispatcher, pending } = setUp();
    for (let count = 0; count < 4; count += 1) ask("slow");
    expect(ask("slow")).toEqual([failure("too-many-requests", "4 are running")]);
    expect(ask("quick")).toEqual([failure("too-many-requests", "4 are running")]);
    expect(pending.length).toBe(4);
    settle(2, 1);
    expect(replies()).toEqual(["1"]);
    expect(ask("quick")).toEqual(['"now"']);
    expect(dispatcher.failures.counts.of("too-many-requests")).toBe(2);
  });

  test("does not forget a request that is running for any number of others", () => {
    const { ask, link, settle, replies } = setUp();
    ask("slow");
    link.room = 0;
    for (let count = 0; count < 20; count += 1) ask("quick");
    link.relieve();
    expect(replies()).toEqual(Array.from({ length: 15 }, () => '"now"'));
    settle(0, 1);
    expect(replies()).toEqual(["1"]);
  });

  test("takes requests again after promises that never settle", () => {
    const { ask, clock, replies } = setUp();
    for (let count = 0; count < 4; count += 1) ask("slow");
    clock.advance(10_000);
    expect(replies().length).toBe(4);
    expect(ask("quick")).toEqual(['"now"']);
  });

  test("does not run a request again that is repeated while its handler runs", () => {
    const { link, pending, settle, replies } = setUp();
    link.deliver("v2/r/req/0", request("slow"));
    link.deliver("v2/r/req/0", request("slow"));
    expect(pending.length).toBe(1);
    settle(0, 1);
    expect(replies()).toEqual(["1"]);
  });

  test("does not run a request again that is repeated when its handler took more than a minute and the answer waits", () => {
    const { clock, link, pending, settle, replies } = setUp({ deadline: 120_000 });
    link.deliver("v2/r/req/0", request("slow"));
    clock.advance(90_000);
    link.deliver("v2/r/req/0", request("slow"));
    link.room = 0;
    settle(0, 1);
    link.deliver("v2/r/req/0", request("slow"));
    expect(pending.length).toBe(1);
    link.relieve();
    expect(replies()).toEqual(["1"]);
  });

  test("answers in the next session a request that was repeated there while its handler ran on", () => {
    const { link, pending, settle, replies } = setUp();
    link.deliver("v2/r/req/0", request("slow"));
    link.close();
    link.open();
    link.deliver("v2/r/req/0", request("slow"));
    settle(0, 1);
    expect(pending.length).toBe(1);
    expect(replies()).toEqual(["1"]);
  });

  test.each(["between sessions", "in the next session"])(
    "keeps a result that comes %s until the server asks again, because the id may mean another request by then",
    (when) => {
      const { link, pending, settle, replies } = setUp();
      link.deliver("v2/r/req/0", request("slow"));
      link.close();
      if (when === "between sessions") settle(0, 1);
      link.open();
      if (when === "in the next session") settle(0, 1);
      expect(replies()).toEqual([]);
      link.deliver("v2/r/req/0", request("slow"));
      expect(pending.length).toBe(1);
      expect(replies()).toEqual(["1"]);
    },
  );

  test("does not answer a new request that has the id of one whose handler still runs", () => {
    const { link, settle, replies } = setUp();
    link.deliver("v2/r/req/0", request("slow"));
    link.deliver("v2/r/req/0", request("quick"));
    expect(replies()).toEqual(['"now"']);
    settle(0, "old");
    expect(replies()).toEqual([]);
  });
});
