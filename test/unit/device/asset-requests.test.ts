// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { Assets } from "../../../modules/assets/assets.js";
import type { AttributeValues } from "../../../modules/attributes/request.js";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import { OpenRemoteAssets } from "../../../modules/cloud/openremote-assets.js";
import type { Reason } from "../../../modules/core/errors.js";
import { AssetRequests } from "../../../modules/device/asset-requests.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";

let clock: FakeClock;
let link: FakeLink;
let requests: AssetRequests;
let told: unknown[];

function start(clientId: string): void {
  clock = new FakeClock();
  link = new FakeLink();
  told = [];
  const address = new OpenRemoteAddress(clientId, "master", id);
  const dialect = new OpenRemoteAssets(text, address, true);
  const assets = new Assets({ link, dialect, clock, random: () => 1, text, log: new FakeLog() });
  // Filters are resolved by the link of a device.
  for (const [index, { filter }] of link.subscriptions.entries())
    link.subscriptions.splice(index, 1, {
      ...(link.subscriptions[index] as (typeof link.subscriptions)[number]),
      filter: address.resolve(filter),
    });
  requests = new AssetRequests(assets, address, clock);
}

beforeEach(() => start("thing"));

function goLive(): void {
  link.open();
  link.live();
}

function tell(reason: Reason | undefined, values: AttributeValues | undefined): void {
  told.push(reason ?? [Object.fromEntries(values?.client ?? []), Object.fromEntries(values?.shared ?? [])]);
}

/** The names asked for since the last time. */
function asked(): string[] {
  return link.published.splice(0).map(({ topic }) => topic.split("/").slice(5).join("/"));
}

function answer(name: string, json: string): void {
  link.deliver(`master/thing/operations/assets/${id}/attributes/${name}/get-value/response`, json);
}

describe("AssetRequests", () => {
  test("asks for one value after the other, and takes a missing attribute for one without a value", () => {
    goLive();
    requests.request(["a"], ["b", "c"], 1_000, tell);
    expect(asked()).toEqual(["attributes/a/get-value"]);
    answer("a", "1");
    answer("b", '{"type":"error","error":"NOT_FOUND","message":"Attribute not found"}');
    expect(asked()).toEqual(["attributes/b/get-value", "attributes/c/get-value"]);
    answer("c", '"x"');
    expect(told).toEqual([[{ a: 1 }, { c: "x" }]]);
  });

  test("asks for the whole asset where no name is given, or the device is a gateway", () => {
    goLive();
    requests.request([], [], 1_000, tell);
    start("gateway-4y1foulal6ocswl5ukkl4r");
    goLive();
    requests.request([], ["a"], 1_000, tell);
    expect(asked()).toEqual(["get"]);
    const attributes = { a: { value: 1 }, b: { value: null }, type: { value: "error" } };
    link.deliver(
      `master/gateway-4y1foulal6ocswl5ukkl4r/operations/assets/${id}/get/response`,
      JSON.stringify({ id, type: "ThingAsset", attributes }),
    );
    expect(told).toEqual([[{}, { a: 1 }]]);
  });

  test("fails as a whole in the time given for all names together", () => {
    goLive();
    requests.request([], ["a", "b"], 1_000, tell);
    clock.advance(600);
    answer("a", "1");
    clock.advance(399);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(["request-timeout"]);
  });

  test("refuses at the call a name of which nobody could be told later", () => {
    expect(() => requests.request(["a"], ["b c"], 1_000, tell)).toThrow('names: "b c" is not of letters');
    expect(() => requests.request([], ["a", 5 as never], 1_000, tell)).toThrow(TypeError);
  });

  function loseSession(): void {
    requests.request([], ["a"], 1_000, tell);
    goLive();
    link.close("connection-closed");
    clock.advance(0);
  }

  test("does not ask for an hour after the third session in a row that ended for the question, and then once", () => {
    for (let session = 0; session < 3; session += 1) loseSession();
    expect(asked()).toHaveLength(3);
    const deny = (): void => {
      requests.request([], ["a"], 1_000, tell);
      goLive();
      clock.advance(0);
      expect(asked()).toEqual([]);
      expect(told.at(-1)).toBe("operation-denied");
      link.close("session-stopped");
    };
    deny();
    clock.advance(3_600_000);
    loseSession();
    expect(asked()).toHaveLength(1);
    deny();
  });

  test("forgets sessions that ended, when a question was answered in between", () => {
    for (let session = 0; session < 9; session += 1) {
      loseSession();
      goLive();
      requests.request([], ["a"], 1_000, tell);
      answer("a", "1");
      link.close("session-stopped");
    }
    expect(told.filter((one) => one === "operation-denied")).toHaveLength(9);
    expect(told.filter((one) => one !== "operation-denied")).toHaveLength(9);
  });
});
