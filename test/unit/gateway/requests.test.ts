// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Child } from "../../../modules/device/child.js";
import { setUpChildren } from "./room.js";

const response = "v1/gateway/attributes/response";

type Names = Parameters<Child["attributes"]["request"]>[0];

function one() {
  const room = setUpChildren(["Device A", "Device B"]);
  const a = room.children[0] as Child;
  const outcomes: unknown[] = [];
  const ask = (names: Names, timeout?: number) => {
    a.attributes.request(names, timeout === undefined ? {} : { timeout }, (reason, values) => {
      outcomes.push(reason ?? { client: [...(values?.client ?? [])], shared: [...(values?.shared ?? [])] });
    });
    return room.sent();
  };
  return { ...room, a, ask, outcomes };
}

describe("requests for attributes of a child", () => {
  test("for one name have key, and value in their answer", () => {
    const { ask, deliver, outcomes } = one();
    expect(ask({ client: ["attribute1"] })).toEqual([
      {
        topic: "v1/gateway/attributes/request",
        message: { id: 0, device: "Device A", client: true, key: "attribute1" },
      },
    ]);
    deliver(response, { id: 0, device: "Device A", value: "value1" });
    expect(outcomes).toEqual([{ client: [["attribute1", "value1"]], shared: [] }]);
  });

  test("for several names have keys, and values in their answer, also where one was found", () => {
    const { ask, deliver, outcomes } = one();
    expect(ask({ shared: ["a", "b,c"] })[0]?.message).toEqual({
      ...{ id: 0, device: "Device A", client: false, keys: ["a", "b,c"] },
    });
    deliver(response, { id: 0, device: "Device A", values: { "b,c": false } });
    expect(outcomes).toEqual([{ client: [], shared: [["b,c", false]] }]);
  });

  test.each<[Names, object]>([
    [{ client: ["a"] }, {}],
    [{ client: ["a", "b"] }, {}],
  ])("of which nothing was found are answered by nothing", (names, members) => {
    const { ask, deliver, outcomes } = one();
    ask(names);
    deliver(response, { id: 0, device: "Device A", ...members });
    expect(outcomes).toEqual([{ client: [], shared: [] }]);
  });

  test("for both scopes are two, and one answer", () => {
    const { ask, deliver, outcomes } = one();
    expect(ask({ client: ["a"], shared: ["a"] }).map(({ message }) => message.client)).toEqual([true, false]);
    deliver(response, { id: 1, device: "Device A", value: 2 });
    expect(outcomes).toEqual([]);
    deliver(response, { id: 0, device: "Device A", value: 1 });
    expect(outcomes).toEqual([{ client: [["a", 1]], shared: [["a", 2]] }]);
  });

  test("without an answer fail by name, once", () => {
    const { ask, clock, outcomes } = one();
    ask({ client: ["a"], shared: ["b"] }, 1_000);
    clock.advance(1_000);
    expect(outcomes).toEqual(["request-timeout"]);
    clock.advance(60_000);
    expect(outcomes).toHaveLength(1);
  });

  test("too large for the session fail by name", () => {
    const { ask, clock, link, outcomes } = one();
    link.maxPayload = 60;
    expect(ask({ client: ["x".repeat(60)] })).toEqual([]);
    clock.advance(0);
    expect(outcomes).toEqual(["payload-too-large"]);
  });

  test("are cancelled with their session, and those too many are refused", () => {
    const { ask, clock, link, outcomes } = one();
    for (let count = 0; count < 17; count += 1) ask({ client: ["a"] });
    clock.advance(0);
    expect(outcomes).toEqual(["too-many-requests"]);
    link.close();
    clock.advance(0);
    expect(outcomes).toEqual(["too-many-requests", ...Array(16).fill("request-cancelled")]);
  });

  test("are cancelled with a child that leaves before they could be sent: they would bring it back", () => {
    const { children, link, clock, sent } = setUpChildren(["Device A"]);
    const outcomes: unknown[] = [];
    link.room = 0;
    children[0]?.attributes.request({ client: ["a"] }, {}, (reason) => outcomes.push(reason));
    children[0]?.disconnect();
    link.relieve(1);
    clock.advance(0);
    expect([sent(), outcomes]).toEqual([[], ["request-cancelled"]]);
  });

  test("are not taken for those of another device, nor for those of nobody", () => {
    const { ask, core, deliver, link, outcomes } = one();
    ask({ client: ["a"] });
    deliver(response, { id: 5, device: "Device A", value: 1 });
    link.deliver(response, "{");
    expect(outcomes).toEqual([]);
    deliver(response, { id: 0, device: "Device B", value: 1 });
    expect(outcomes).toEqual(["malformed-json"]);
    deliver(response, { id: 0, device: "Device A", value: 1 });
    expect(outcomes).toHaveLength(1);
    expect(
      [...["unknown-topic", "malformed-json", "unknown-device"]].map((reason) =>
        core.requests.failures.counts.of(reason as never),
      ),
    ).toEqual([1, 1, 1]);
  });

  test.each<[unknown, string]>([
    [{}, "names: none"],
    [{ client: [] }, "names: none"],
    [{ client: "a,b" }, "names: not an array"],
    [{ shared: [""] }, "names: blank"],
    [{ client: Array.from({ length: 10 }, () => "x".repeat(200)) }, "names: too long together for one request"],
  ])("%j are refused", (names, message) => {
    const { ask } = one();
    expect(() => ask(names as Names)).toThrow(message);
  });
});
