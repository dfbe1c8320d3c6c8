// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { completeGateway } from "../../../modules/device/config-gateway.js";
import { createGateway, DeviceGateway } from "../../../modules/device/device-gateway.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";
import { onTopic, reasonOf, setUpGateway } from "./room.js";

describe("config.gateway", () => {
  test("is no gateway by default", () => {
    expect(completeGateway(undefined)).toEqual({
      maxChildren: 0,
      attributesCapacity: 32_768,
      connector: undefined,
    });
  });

  test.each([
    [{ maxChildren: -1 }, "config.gateway.maxChildren: not an integer from 0 to 250"],
    [{ maxChildren: 251 }, "config.gateway.maxChildren: not an integer from 0 to 250"],
    [{ attributesCapacity: 1_023 }, "config.gateway.attributesCapacity: not an integer from 1024 to 1048576"],
    [{ children: 1 }, "config.gateway.children: no such field; there are maxChildren, attributesCapacity, connector"],
    [{ connector: "" }, "config.gateway.connector: 0 characters, not 1 to 64"],
  ])("%j is refused", (config, message) => {
    expect(() => completeGateway(config)).toThrow(new RangeError(message));
  });
});

describe("a device that is no gateway", () => {
  test("subscribes nothing, makes no timer, and has no children", () => {
    const clock = new FakeClock();
    const link = new FakeLink();
    const storage = { read: () => undefined, write: () => undefined, delete: () => false };
    const parts = { clock, link, text, storage, random: () => 0, log: new FakeLog(), dialect: new ThingsBoard(text) };
    const core = createGateway(parts, completeGateway(undefined), 1_000);
    expect(core).toBeUndefined();
    const gateway = new DeviceGateway(parts, core, undefined as never);
    expect([link.subscriptions.length, clock.timers]).toEqual([0, 0]);
    expect(reasonOf(() => gateway.child("Device A"))).toBe("too-many-children");
  });
});

describe("names of children", () => {
  test.each<[unknown, string]>([
    [undefined, "name: not a string"],
    [7, "name: not a string"],
    ["", "name: blank"],
    [" \t", "name: blank"],
    ["a\0b", "name: with a null character"],
    ["a\ud800", "name: half a surrogate pair"],
    ["é".repeat(128), "name: over 255 bytes"],
    ["\u0001".repeat(86), "name: over 512 bytes of JSON"],
  ])("%j is refused: the server would end the session", (name, message) => {
    const { gateway } = setUpGateway();
    expect(() => gateway.child(name as string)).toThrow(message);
    if (name === undefined) return;
    expect(() => gateway.child("ok", { type: name as string })).toThrow(message.replace("name", "type"));
  });

  test("of up to 255 bytes are data, whatever is in them", () => {
    const { gateway, link, settle } = setUpGateway();
    const names = ["__proto__", "constructor", 'say "hello"\\\n', "电表", "x".repeat(255), '"'.repeat(255)];
    for (const name of names) gateway.child(name, { type: name }).attributes.publish({ toString: 1 });
    link.open();
    const sent = settle();
    expect(onTopic(sent, "v1/gateway/connect")).toEqual(names.map((name) => ({ device: name, type: name })));
    const published = onTopic(sent, "v1/gateway/attributes").flatMap((message) => Object.entries(message as object));
    expect(published).toEqual(names.map((name) => [name, { toString: 1 }]));
  });

  test("are no more than configured, in the life of the firmware", () => {
    const { gateway } = setUpGateway({ maxChildren: 2 });
    gateway.child("Device A").disconnect();
    gateway.child("Device B");
    expect(reasonOf(() => gateway.child("Device C"))).toBe("too-many-children");
    expect(gateway.child("Device A").isPresent).toBe(true);
  });
});
