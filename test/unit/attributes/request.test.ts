// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { AttributeRequests, type AttributeRequestsOptions } from "../../../modules/attributes/request.js";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const dialect = new ThingsBoard(text).attributes;

function setUp(options: Partial<AttributeRequestsOptions> = {}) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const log = new FakeLog();
  const requests = new AttributeRequests({ link, dialect, clock, text, log, ...options });
  const outcomes: unknown[] = [];
  const ask = (client: string[], shared: string[], timeout = 1000) =>
    requests.request(client, shared, timeout, (reason, values) => {
      outcomes.push(values ? { client: [...values.client], shared: [...values.shared] } : reason);
    });
  link.open();
  return { clock, link, log, requests, outcomes, ask };
}

describe("AttributeRequests", () => {
  test("asks at QoS 1 and hands over what was found", () => {
    const { link, outcomes, ask } = setUp();
    ask(["a", "b"], ["c"]);
    expect(link.published).toMatchObject([
      { topic: "v2/a/req/0", payload: '{"clientKeys":"a,b","sharedKeys":"c"}', QoS: 1, dataPoints: 0 },
    ]);
    link.deliver("v2/a/res/0", '{"client":{"a":1},"shared":{"c":{"d":[true]}}}');
    expect(outcomes).toEqual([{ client: [["a", 1]], shared: [["c", new Map([["d", [true]]])]] }]);
  });

  test("takes a response that overtakes the acknowledgement", () => {
    const { link, outcomes, ask } = setUp();
    ask(["a"], []);
    expect(link.unacknowledged).toBe(1);
    link.deliver("v2/a/res/0", "{}");
    link.acknowledge();
    expect(outcomes).toEqual([{ client: [], shared: [] }]);
  });

  test("matches responses in any order, and keeps their values apart", () => {
    const { link, outcomes, ask } = setUp();
    ask(["a"], []);
    ask([], ["b"]);
    link.deliver("v2/a/res/1", '{"shared":{"b":2}}');
    link.deliver("v2/a/res/0", '{"client":{"a":1}}');
    expect(outcomes).toEqual([
      { client: [], shared: [["b", 2]] },
      { client: [["a", 1]], shared: [] },
    ]);
  });

  test("does not change values that were handed over when the next response comes", () => {
    const { link, requests } = setUp();
    const kept: unknown[] = [];
    for (const _ of [0, 1]) requests.request(["a"], [], 1000, (_reason, values) => kept.push(values?.client));
    link.deliver("v2/a/res/0", '{"client":{"a":1}}');
    link.deliver("v2/a/res/1", '{"client":{"a":2}}');
    expect(kept).toEqual([new Map([["a", 1]]), new Map([["a", 2]])]);
  });

  test("fails after its timeout and ignores the late response", () => {
    const { clock, link, outcomes, ask, requests } = setUp();
    ask(["a"], [], 500);
    clock.advance(500);
    link.deliver("v2/a/res/0", '{"client":{"a":1}}');
    expect(outcomes).toEqual(["request-timeout"]);
    expect(requests.failures.counts.of("unknown-topic")).toBe(0);
  });

  test("ignores the second of two responses", () => {
    const { link, outcomes, ask, requests } = setUp();
    ask(["a"], []);
    link.deliver("v2/a/res/0", '{"client":{"a":1}}');
    link.deliver("v2/a/res/0", '{"client":{"a":2}}');
    expect(outcomes.length).toBe(1);
    expect(requests.failures.counts.of("unknown-topic")).toBe(0);
  });

  test.each(["v2/a/res/1", "v2/a/res/-1", "v2/a/res/x", "v2/a/res/", "v2/a/res/2147483648"])(
    "counts and ignores a response on %s",
    (topic) => {
      const { link, outcomes, ask, requests, log } = setUp();
      ask(["a"], []);
      expect(link.deliver(topic, '{"client":{"a":1}}')).toBe(1);
      expect(outcomes).toEqual([]);
      expect(requests.failures.counts.of("unknown-topic")).toBe(1);
      expect(log.reasons("attributes.response")).toEqual(["unknown-topic"]);
    },
  );

  test.each(["", "[]", '{"client":7}', `${'{"shared":'.repeat(20)}1${"}".repeat(20)}`, '{"client":{"a":"\u0001"}}'])(
    "fails when the response is %j",
    (json) => {
      const { link, outcomes, ask, requests } = setUp();
      ask(["a"], []);
      link.deliver("v2/a/res/0", json);
      expect(outcomes).toEqual(["malformed-json"]);
      expect(requests.failures.counts.of("malformed-json")).toBe(1);
    },
  );

  test("fails when the response has 1,000 attributes, and survives", () => {
    const { link, outcomes, ask } = setUp();
    ask([], []);
    link.deliver(
      "v2/a/res/0",
      JSON.stringify({ client: Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [n, n])) }),
    );
    ask(["a"], []);
    link.deliver("v2/a/res/1", '{"client":{"a":1}}');
    expect(outcomes).toEqual(["malformed-json", { client: [["a", 1]], shared: [] }]);
  });

  test("hands over names that every object inherits, and no property is made of them", () => {
    const { link, outcomes, ask } = setUp();
    ask(["__proto__", "constructor"], ["toString"]);
    expect(link.published).toMatchObject([
      { payload: '{"clientKeys":"__proto__,constructor","sharedKeys":"toString"}' },
    ]);
    const client = '{"__proto__":{"polluted":1},"constructor":2}';
    link.deliver("v2/a/res/0", `{"client":${client},"shared":{"toString":3},"__proto__":{"client":4}}`);
    expect(outcomes).toEqual([
      {
        client: [
          ["__proto__", new Map([["polluted", 1]])],
          ["constructor", 2],
        ],
        shared: [["toString", 3]],
      },
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("takes invalid UTF-8 for what it can be, in a value and in a name", () => {
    const { link, outcomes, ask } = setUp();
    ask(["a"], []);
    const json = [...'{"client":{"a":"x_","b_":1}}'].map((character) => character.charCodeAt(0));
    link.deliver("v2/a/res/0", Uint8Array.from(json.map((code) => (code === 0x5f ? 0xff : code))));
    expect(outcomes).toEqual([
      {
        client: [
          ["a", "x\ufffd"],
          ["b\ufffd", 1],
        ],
        shared: [],
      },
    ]);
  });

  test("gives every request its own timeout, also while there is no session", () => {
    const { clock, link, outcomes, ask } = setUp();
    link.close();
    for (const [name, timeout] of [
      ["a", 3_000],
      ["b", 1_000],
      ["c", 2_000],
    ] as const)
      ask([name], [], timeout);
    clock.advance(1_500);
    expect(outcomes).toEqual(["request-timeout"]);
    link.open();
    expect(link.published.map(({ topic }) => topic)).toEqual(["v2/a/req/0", "v2/a/req/2"]);
    clock.advance(500);
    expect(outcomes.length).toBe(2);
    link.deliver("v2/a/res/2", '{"client":{"c":1}}');
    link.deliver("v2/a/res/0", '{"client":{"a":1}}');
    expect(outcomes.slice(2)).toEqual([{ client: [["a", 1]], shared: [] }]);
  });

  test("takes no answer of an earlier session for one of this", () => {
    const { clock, link, outcomes, ask, requests } = setUp();
    ask(["a"], []);
    link.close();
    link.open();
    clock.advance(0);
    ask(["a"], []);
    link.deliver("v2/a/res/0", '{"client":{"a":"old"}}');
    link.deliver("v2/a/res/1", '{"client":{"a":"new"}}');
    expect(outcomes).toEqual(["request-cancelled", { client: [["a", "new"]], shared: [] }]);
    expect(requests.failures.counts.total).toBe(0);
  });

  test.each([0, -1, Number.NaN, 0x4000_0000])("throws for a timeout of %p", (timeout) => {
    const { ask } = setUp();
    expect(() => ask(["a"], [], timeout)).toThrow(RangeError);
  });

  test("is cancelled when the session ends", () => {
    const { clock, link, outcomes, ask } = setUp();
    ask(["a"], []);
    link.close();
    clock.advance(0);
    expect(outcomes).toEqual(["request-cancelled"]);
  });

  test("waits for a session and for room, with a copy of the names", () => {
    const { link, requests } = setUp();
    link.close();
    const names = ["a"];
    requests.request(names, [], 1000, () => {});
    names.push("b");
    link.room = 0;
    link.open();
    expect(link.published).toEqual([]);
    link.relieve();
    expect(link.published).toMatchObject([{ payload: '{"clientKeys":"a"}' }]);
  });

  test("refuses the ninth request under way", () => {
    const { clock, outcomes, ask, link } = setUp();
    for (let count = 0; count < 9; count += 1) ask(["a"], []);
    clock.advance(0);
    expect(outcomes).toEqual(["too-many-requests"]);
    expect(link.published.length).toBe(8);
  });

  test("fails when the session is too narrow for it", () => {
    const { clock, link, outcomes, ask } = setUp();
    link.maxPayload = 10;
    ask(["abc"], []);
    clock.advance(0);
    expect(outcomes).toEqual(["payload-too-large"]);
  });

  test("counts and logs a callback that throws, and goes on", () => {
    const { link, requests, outcomes, ask } = setUp();
    requests.request(["a"], [], 1000, () => {
      throw new Error("mistake");
    });
    ask(["b"], []);
    link.deliver("v2/a/res/0", "{}");
    link.deliver("v2/a/res/1", "{}");
    expect(requests.failures.counts.of("handler-failed")).toBe(1);
    expect(outcomes.length).toBe(1);
  });

  test.each<[string, unknown[], typeof RangeError | typeof TypeError]>([
    ["an empty name, which the server never answers", [""], RangeError],
    ["a blank name", [" "], RangeError],
    ["a name with a comma, which would be two", ["a,b"], RangeError],
    ["a name that is no string", [7], TypeError],
    ["more names than fit", Array.from({ length: 200 }, (_, index) => `name-${index}`), RangeError],
  ])("throws for %s", (_name, names, error) => {
    const { requests, link } = setUp();
    expect(() => requests.request(names as string[], [], 1000, () => {})).toThrow(error);
    expect(() => requests.request([], names as string[], 1000, () => {})).toThrow(error);
    expect(link.published).toEqual([]);
  });

  test.each([
    ["maxPending", 0],
    ["maxPending", 65],
    ["maxRequestBytes", 63],
    ["maxRequestBytes", 8193],
  ])("refuses to be made with %s %d", (name, value) => {
    expect(() => setUp({ [name]: value })).toThrow(new RegExp(name));
  });
});
