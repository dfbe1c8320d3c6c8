// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { DeviceError } from "../../../modules/core/errors.js";
import { type CallOptions, RpcCaller, type RpcCallerOptions } from "../../../modules/rpc/caller.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const dialect = new ThingsBoard(text).rpc;
const response = (id: number | string) => `v1/devices/me/rpc/response/${id}`;

function setUp(options: Partial<RpcCallerOptions> = {}) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const log = new FakeLog();
  const caller = new RpcCaller({ link, dialect, clock, text, log, ...options });
  const outcomes: unknown[] = [];
  const call = (method: string, params: unknown = {}, callOptions: CallOptions = {}) =>
    caller.call(method, params, callOptions, (error, result) => outcomes.push(error ? error.reason : [result]));
  link.open();
  return { clock, link, log, caller, outcomes, call };
}

describe("RpcCaller", () => {
  test("calls at QoS 1, with parameters of any JSON type, and hands over the result", () => {
    const { link, outcomes, call } = setUp();
    call("getTime", { zone: "UTC" });
    call("b", 7);
    call("c", null);
    expect(link.published).toMatchObject([
      { topic: "v1/devices/me/rpc/request/0", payload: '{"method":"getTime","params":{"zone":"UTC"}}', QoS: 1 },
      { topic: "v1/devices/me/rpc/request/1", payload: '{"method":"b","params":7}' },
      { topic: "v1/devices/me/rpc/request/2", payload: '{"method":"c","params":null}' },
    ]);
    link.deliver(response(1), '{"x":[1]}');
    link.deliver(response(0), "null");
    link.deliver(response(2), '"late"');
    expect(outcomes).toEqual([[new Map([["x", [1]]])], [null], ["late"]]);
  });

  test("sends null for parameters that are undefined", () => {
    const { link, caller } = setUp();
    caller.call("a", undefined, {}, () => {});
    expect(link.published).toMatchObject([{ payload: '{"method":"a","params":null}' }]);
  });

  test("fails with a DeviceError that names method and reason", () => {
    const { clock, caller } = setUp();
    let failure: DeviceError | undefined;
    caller.call("getTime", {}, {}, (error, result) => {
      failure = error;
      expect(result).toBeUndefined();
    });
    clock.advance(10_000);
    expect(failure).toBeInstanceOf(DeviceError);
    expect(failure?.message).toBe("getTime: request-timeout");
  });

  test("waits 10 s by default, and as long as it is told", () => {
    const { clock, outcomes, call } = setUp();
    call("a");
    call("b", {}, { timeout: 12_000 });
    clock.advance(9_999);
    expect(outcomes).toEqual([]);
    clock.advance(1);
    expect(outcomes).toEqual(["request-timeout"]);
    clock.advance(2_000);
    expect(outcomes).toEqual(["request-timeout", "request-timeout"]);
  });

  test("takes the server's timeout for one", () => {
    const { link, outcomes, call } = setUp();
    call("a");
    link.deliver(response(0), '{"error":"timeout"}');
    expect(outcomes).toEqual(["request-timeout"]);
  });

  test("never uses an id twice, so that a late answer of the server meets no other call", () => {
    const { clock, link, outcomes, call, caller } = setUp();
    call("a", {}, { timeout: 1000 });
    clock.advance(1000);
    link.close();
    link.open();
    call("b");
    link.deliver(response(0), '{"error":"timeout"}');
    expect(outcomes).toEqual(["request-timeout"]);
    link.deliver(response(1), "1");
    link.deliver(response(1), '{"error":"timeout"}');
    expect(outcomes).toEqual(["request-timeout", [1]]);
    expect(caller.failures.counts.of("unknown-topic")).toBe(0);
  });

  test.each([response(5), response(-1), response("x"), response("")])("counts and ignores an answer on %s", (topic) => {
    const { link, outcomes, call, caller } = setUp();
    call("a");
    expect(link.deliver(topic, "1")).toBe(1);
    expect(outcomes).toEqual([]);
    expect(caller.failures.counts.of("unknown-topic")).toBe(1);
  });

  test.each(["", "{", "[".repeat(17), "1 2"])("fails when the answer is %j", (json) => {
    const { link, outcomes, call, caller } = setUp();
    call("a");
    link.deliver(response(0), json);
    expect(outcomes).toEqual(["malformed-json"]);
    expect(caller.failures.counts.of("malformed-json")).toBe(1);
  });

  test("is cancelled when the session ends", () => {
    const { clock, link, outcomes, call } = setUp();
    call("a");
    link.close();
    clock.advance(0);
    expect(outcomes).toEqual(["request-cancelled"]);
  });

  test("refuses the ninth call under way, not inside the call", () => {
    const { clock, link, outcomes, call } = setUp();
    for (let count = 0; count < 9; count += 1) call("a");
    expect(outcomes).toEqual([]);
    clock.advance(0);
    expect(outcomes).toEqual(["too-many-requests"]);
    expect(link.published.length).toBe(8);
  });

  test("waits for a session and for room", () => {
    const { link, call } = setUp();
    link.close();
    call("a");
    link.room = 0;
    link.open();
    expect(link.published).toEqual([]);
    link.relieve();
    expect(link.published).toMatchObject([{ payload: '{"method":"a","params":{}}' }]);
  });

  test("fails when the session is too narrow for it", () => {
    const { clock, link, outcomes, call } = setUp();
    link.maxPayload = 20;
    call("getTime");
    clock.advance(0);
    expect(outcomes).toEqual(["payload-too-large"]);
  });

  test("fails when its parameters became unfit for JSON while it waited", () => {
    const { clock, link, outcomes, call } = setUp();
    link.close();
    const params: Record<string, unknown> = { a: 1 };
    call("a", params);
    params.a = () => {};
    link.open();
    clock.advance(0);
    expect(outcomes).toEqual(["value-refused"]);
    expect(link.published).toEqual([]);
  });

  test("counts a callback that throws, and goes on", () => {
    const { link, caller, call, outcomes } = setUp();
    caller.call("a", {}, {}, () => {
      throw new Error("mistake");
    });
    call("b");
    link.deliver(response(0), "1");
    link.deliver(response(1), "2");
    expect(caller.failures.counts.of("handler-failed")).toBe(1);
    expect(outcomes).toEqual([[2]]);
  });

  test("throws for arguments that cannot be right, and calls nobody", () => {
    const { caller, link } = setUp();
    const callback = () => {};
    expect(() => caller.call(7 as unknown as string, {}, {}, callback)).toThrow(TypeError);
    expect(() => caller.call("", {}, {}, callback)).toThrow(RangeError);
    expect(() => caller.call("a", {}, {}, undefined as unknown as () => void)).toThrow(TypeError);
    expect(() => caller.call("a", () => {}, {}, callback)).toThrow(TypeError);
    expect(() => caller.call("a", "x".repeat(1024), {}, callback)).toThrow(RangeError);
    expect(() => caller.call("a", {}, { timeout: 0 }, callback)).toThrow(RangeError);
    expect(link.published).toEqual([]);
  });

  test.each([
    ["maxPending", 0],
    ["maxPending", 65],
    ["maxCallBytes", 63],
    ["maxCallBytes", 8193],
  ])("refuses to be made with %s %d", (name, value) => {
    expect(() => setUp({ [name]: value })).toThrow(new RegExp(name));
  });
});
