// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { hour, identity, minute, second, World } from "./world.js";

const tls = { ca: "-----BEGIN CERTIFICATE-----" };
const server = { host: "server.test", tls };
const certificate = "-----BEGIN CERTIFICATE-----\nTUlJ\nQ2Vy\n-----END CERTIFICATE-----\n";
const privateKey = "-----BEGIN PRIVATE KEY-----\nTUlH\n-----END PRIVATE KEY-----\n";

/** Runs the first attempt with a reply of the test's. */
function answerWith(reply: (reply: string) => string | Buffer): World {
  const world = new World({ credentials: "server" });
  world.platform.reply = reply;
  world.boot();
  world.run(second / 2);
  return world;
}

function success(members: object): string {
  return JSON.stringify({ status: "SUCCESS", ...members });
}

describe("a reply that makes no sense", () => {
  test.each([
    ["is empty", ""],
    ["is no JSON", "{status:SUCCESS"],
    ["is cut off", '{"status":"SUCCESS","credentialsType":"ACCESS_TOKEN","credentialsValue":"abc'],
    ["is no object", '["SUCCESS"]'],
    ["is null", "null"],
    ["has no status", '{"credentialsType":"ACCESS_TOKEN","credentialsValue":"abc"}'],
    ["has a numeric status", '{"status":1}'],
    ["is not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ["nests too deep", "[".repeat(100)],
  ])("that %s is counted, and asked for slowly", (_, reply) => {
    const world = answerWith(() => reply);
    expect(world.log.reasons("provisioning.failed")).toEqual(["malformed-json"]);
    world.run(10 * minute - second);
    expect(world.attempts).toHaveLength(1);
    expect(world.storage.values.has("cred.new")).toBe(false);
  });

  test.each([
    ["a token that is a number", { credentialsType: "ACCESS_TOKEN", credentialsValue: 7 }],
    ["an empty token", { credentialsType: "ACCESS_TOKEN", credentialsValue: "" }],
    ["a token of 257 characters", { credentialsType: "ACCESS_TOKEN", credentialsValue: "t".repeat(257) }],
    ["no token", { credentialsType: "ACCESS_TOKEN" }],
    ["no type", { credentialsValue: "abc" }],
    ["basic credentials of nothing", { credentialsType: "MQTT_BASIC", credentialsValue: {} }],
    [
      "basic credentials of empty texts",
      { credentialsType: "MQTT_BASIC", credentialsValue: { clientId: "", userName: "", password: "" } },
    ],
    [
      "a password without a user name",
      { credentialsType: "MQTT_BASIC", credentialsValue: { clientId: "c", password: "p" } },
    ],
    ["LwM2M", { credentialsType: "LWM2M_CREDENTIALS" }],
    [
      "a certificate, of which the device has no key",
      { credentialsType: "X509_CERTIFICATE", credentialsValue: "TUlJ" },
    ],
    ["names that objects have", { credentialsType: "__proto__", credentialsValue: { constructor: "x" } }],
  ])("in its credentials, %s, is a refusal", (_, members) => {
    const world = answerWith(() => success(members));
    expect(world.log.reasons("provisioning.failed")).toEqual(["provisioning-refused"]);
    world.run(10 * minute - second);
    expect(world.attempts).toHaveLength(1);
    world.platform.reply = undefined;
    world.platform.devices.clear();
    world.goLive();
  });
});

describe("a certificate", () => {
  test("that is the device's own is good, however it is wrapped, and shown from then on", () => {
    const world = new World({ credentials: { certificate, privateKey } }, { server });
    world.platform.reply = () =>
      success({ credentialsType: "X509_CERTIFICATE", credentialsValue: certificate.split("\n").join("\r\n") });
    world.boot();
    expect(world.goLive()).toBeLessThan(minute);
    expect(world.tlsConnections).toBe(2);
    expect(world.platform.visits.map(({ user }) => user)).toEqual(["provision", ""]);
  });

  test("that is another device's is refused, and the operator hears of it", () => {
    const world = new World({ credentials: { certificate, privateKey } }, { server });
    world.platform.reply = () => success({ credentialsType: "X509_CERTIFICATE", credentialsValue: "Rm9yZWlnbg" });
    world.boot();
    world.run(hour, () => world.isLive);
    world.run(minute);
    // The platform of this test has the right one all the same, and knows the device by it.
    expect(world.platform.published.some((message) => message.includes("provisioningRefusal"))).toBe(true);
  });
});

describe("a long reply", () => {
  test("of 4 KB is read", () => {
    const world = answerWith((reply) => `${reply.slice(0, -1)},"more":"${"x".repeat(3_900)}"}`);
    world.goLive();
  });

  test("that does not fit the buffer is refused by name", () => {
    const world = answerWith((reply) => `${reply.slice(0, -1)},"more":"${"x".repeat(4_096)}"}`);
    expect(world.log.reasons("provisioning.failed")).toEqual(["payload-too-large"]);
    world.run(10 * minute - second);
    expect(world.attempts).toHaveLength(1);
  });

  test("of a refusal is cut for log and attribute", () => {
    const world = answerWith(() => JSON.stringify({ status: "FAILURE", errorMsg: "y".repeat(3_000) }));
    world.platform.reply = undefined;
    world.platform.devices.clear();
    world.goLive();
    world.run(minute);
    const message = world.platform.published.find((published) => published.includes("provisioningRefusal")) ?? "";
    expect(message).toContain(`FAILURE: ${"y".repeat(100)}`);
    expect(message.length).toBeLessThan(200);
  });
});

describe("a reply that is lost", () => {
  test("costs a device with a token of its own one more attempt", () => {
    const world = new World();
    world.platform.lostReplies = 1;
    world.boot();
    expect(world.goLive()).toBeLessThan(5 * second);
    expect(world.platform.requests).toHaveLength(2);
    const token = world.platform.requests[0].token;
    expect(token).toHaveLength(20);
    expect(world.platform.devices.get(identity)).toEqual({ type: "ACCESS_TOKEN", token });
  });

  test.each([
    ["a client identifier", { clientId: "c" }],
    ["user name and password", { userName: "u", password: "p" }],
    ["all three", { clientId: "c", userName: "u", password: "p" }],
  ])("costs one with %s of the configuration no more", (_, credentials) => {
    const world = new World({ credentials });
    world.platform.lostReplies = 1;
    world.boot();
    expect(world.goLive()).toBeLessThan(5 * second);
  });
});

describe("a reply that comes", () => {
  test.each([
    [29, 1],
    [31, 2],
  ])("after %d s needs %d attempts", (delay, attempts) => {
    const world = new World();
    world.platform.replyDelay = delay * second;
    world.boot();
    world.run(30.5 * second);
    world.platform.replyDelay = 0;
    world.goLive();
    expect(world.platform.requests).toHaveLength(attempts);
    expect(new Set(world.platform.requests.map(({ token }) => token)).size).toBe(1);
  });

  test("twice is taken once", () => {
    const world = new World({ credentials: "server" });
    world.platform.repeatsReply = true;
    world.boot();
    world.goLive();
    world.run(hour);
    expect(world.log.events().filter((event) => event === "provisioning.succeeded")).toHaveLength(1);
    expect(world.storage.operations.filter((operation) => operation === "cred.new")).toHaveLength(1);
  });

  test("with other messages around it is found among them", () => {
    const world = new World({ credentials: "server" });
    world.platform.chatter = ["weather/today", "/provision/request"];
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
  });
});
