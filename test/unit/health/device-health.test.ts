// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Host } from "../../../modules/core/ports.js";
import { Device } from "../../../modules/device/device.js";
import type { VitalSource } from "../../../modules/health/vitals.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { ScriptedServer } from "../../fakes/scripted-server.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";

const config = {
  server: { host: "server.test" },
  credentials: { token: "A1B2C3D4" },
  wifi: [{ SSID: "home", password: "correct horse" }],
};

const callTopic = "v1/devices/me/rpc/request/";
const noLimits = '{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":{}}';

let clock: FakeClock;
let network: FakeNetwork;
let wifi: FakeWiFi;
let log: FakeLog;
let values: Map<string, Uint8Array>;
let written: string[];

beforeEach(() => {
  clock = new FakeClock();
  network = new FakeNetwork();
  wifi = new FakeWiFi();
  log = new FakeLog();
  values = new Map();
  written = [];
});

interface LastRun {
  readonly resetReason: string;
  readonly error?: string;
  readonly trail?: string;
}

/** The board starts, with what its last run has left. */
function boot({ resetReason, error = "", trail = "" }: LastRun, extra: object = {}): Device {
  const host: Host = {
    ...{ clock, text, wifi, log, random: () => 0, connect: network.connect, secure: () => network.connect },
    time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
    storage: {
      read: (key) => values.get(key),
      write: (key, value) => void values.set(key, value.slice()),
      delete: (key) => values.delete(key),
    },
    openFlash: () => {
      throw new DeviceError("storage-failed");
    },
    system: {
      ...{ identity: "0123456789ab", resetReason, description: "fake" },
      measure: (report) => report("freeHeap", 1_000),
      indicate: () => undefined,
      restart: () => undefined,
    },
    blackBox: { error, trail, write: (line) => written.push(line) },
  };
  return new Device(host, { ...config, ...extra });
}

/** The next session, in which all that the device publishes is acknowledged and all that it asks for is answered. */
class Cloud {
  readonly server: ScriptedServer;
  readonly attributes: Record<string, unknown> = {};
  readonly logs: string[] = [];
  readonly samples: Record<string, unknown>[] = [];
  readonly topics: string[] = [];

  constructor() {
    this.server = nextServer();
    for (const packet of this.server.welcome()) this.#take(packet);
    this.advance(0);
  }

  advance(span: number): void {
    for (let left = span; left >= 0; left -= 250) {
      clock.advance(Math.min(left, 250));
      for (const packet of this.server.take()) this.#take(packet);
    }
  }

  #take(packet: ReturnType<ScriptedServer["take"]>[number]): void {
    if (packet.cmd !== "publish") return;
    this.topics.push(packet.topic);
    if (packet.qos === 1) this.server.acknowledge(packet.messageId ?? 0);
    const body = JSON.parse(String(packet.payload));
    if (packet.topic.startsWith("v2/a/req/")) this.server.publish(packet.topic.replace("req", "res"), "{}");
    if (packet.topic.startsWith(callTopic)) this.server.publish(packet.topic.replace("request", "response"), noLimits);
    if (packet.topic === "v2/a") Object.assign(this.attributes, body);
    if (packet.topic !== "v2/t") return;
    for (const instant of Array.isArray(body) ? body : [body]) {
      const sample = instant.values ?? instant;
      if (sample.log !== undefined) this.logs.push(sample.log);
      else this.samples.push(sample);
    }
  }
}

function nextServer(): ScriptedServer {
  const { length } = network.sockets;
  while (network.sockets.length === length) clock.advance(250);
  return new ScriptedServer(network.socket);
}

function start(device: Device): Cloud {
  device.start();
  wifi.becomeAddressed();
  return new Cloud();
}

describe("the last reset", () => {
  test("is told once per boot: why, how it ended, and the last steps before", () => {
    const trail = "12 session.live 4 subscriptions\n60 app.failed";
    const device = boot({ resetReason: "panic", error: "Error: out of range", trail });
    const cloud = start(device);
    const expected = {
      reason: "panic",
      bootCount: 1,
      error: "Error: out of range",
      states: ["12 session.live 4 subscriptions", "60 app.failed"],
    };
    expect(cloud.attributes.lastReset).toEqual(expected);
    expect(device.health.lastReset).toEqual(expected);
    network.socket.fail("connection-reset");
    const again = new Cloud();
    again.advance(10_000);
    expect(again.attributes.lastReset).toBeUndefined();
  });

  test("is told until the server has it, over the ends of sessions", () => {
    boot({ resetReason: "watchdog", error: "too much computation" }).start();
    wifi.becomeAddressed();
    const deaf = nextServer().welcome();
    expect(deaf.some((packet) => packet.cmd === "publish" && packet.topic === "v2/a")).toBe(true);
    network.socket.fail("connection-reset");
    expect(new Cloud().attributes.lastReset).toMatchObject({ reason: "watchdog", error: "too much computation" });
  });

  test("has no error and no steps after power-on, and counts the boots", () => {
    boot({ resetReason: "power-on" });
    const cloud = start(boot({ resetReason: "power-on" }));
    expect(cloud.attributes.lastReset).toEqual({ reason: "power-on", bootCount: 2, states: [] });
  });

  test("does without the steps when escaping makes them too long for an attribute", () => {
    const trail = Array.from({ length: 10 }, () => "\u0001".repeat(56)).join("\n");
    const cloud = start(boot({ resetReason: "panic", error: "boom", trail }));
    expect(cloud.attributes.lastReset).toEqual({ reason: "panic", bootCount: 1, states: [] });
  });

  test("fits into an attribute with the longest error and the longest trail of plain text", () => {
    const trail = Array.from({ length: 10 }, () => "x".repeat(56)).join("\n");
    const cloud = start(boot({ resetReason: "panic", error: "e".repeat(10_000), trail }));
    expect(cloud.attributes.lastReset).toMatchObject({ error: "e".repeat(160), states: trail.split("\n") });
  });

  test("the black box learns of every change of state at once", () => {
    start(boot({ resetReason: "power-on" }));
    const steps = written.at(-1)?.split("\n") ?? [];
    expect(steps.at(-1)?.startsWith("0 session.live")).toBe(true);
    expect(steps.some((step) => step.includes("session.connecting"))).toBe(true);
  });
});

describe("vital signs", () => {
  test("go out at the period of the configuration, or of the program, with the ends of sessions by reason", () => {
    const device = boot({ resetReason: "power-on" }, { health: { period: 10_000 } });
    let cloud = start(device);
    cloud.advance(60_000);
    network.socket.fail("connection-reset");
    cloud = new Cloud();
    cloud.advance(30_000);
    expect(cloud.samples.at(-1)).toMatchObject({
      ...{ bootCount: 1, freeHeap: 1_000, disconnects: 1, disconnectReasons: { "connection-reset": 1 }, queued: 0 },
    });
    const before = cloud.samples.length;
    device.health.report(0);
    cloud.advance(60_000);
    expect(cloud.samples.length - before).toBeLessThanOrEqual(1);
  });

  test("are an answer with the reason of the reset", () => {
    const device = boot({ resetReason: "brown-out" });
    device.health.join((report) => report("door", 1));
    const snapshot = device.health.snapshot();
    expect(snapshot.get("resetReason")).toBe("brown-out");
    expect(snapshot.get("door")).toBe(1);
    expect(snapshot.get("uptime")).toBe(0);
  });
});

describe("vital signs of the application", () => {
  test.each<[string, VitalSource]>([
    ["throws", () => thrower()],
    ["has a blank name", (report) => report("", 1)],
  ])("of a source that %s are counted as failed and are not the end of the device", (_, source) => {
    const device = boot({ resetReason: "power-on" }, { health: { period: 1_000 } });
    device.health.join(source);
    const cloud = start(device);
    cloud.advance(2_000);
    expect(log.reasons("health.failed")).toEqual(["handler-failed"]);
  });

  test("called like something inherited are vital signs like others", () => {
    const device = boot({ resetReason: "power-on" }, { health: { period: 1_000 } });
    device.health.join((report) => report("__proto__", 1));
    device.health.join((report) => report("constructor", 2));
    const cloud = start(device);
    cloud.advance(2_000);
    expect(Object.entries(cloud.samples[0] ?? {})).toEqual(expect.arrayContaining([["constructor", 2]]));
  });
});

function thrower(): never {
  throw new Error("the sensor is gone");
}

describe("the remote log", () => {
  test("is silent unless somebody wants it", () => {
    const cloud = start(boot({ resetReason: "power-on" }));
    cloud.advance(60_000);
    expect(cloud.logs).toEqual([]);
    expect(cloud.attributes).toMatchObject({ logLevel: "off", logRate: 60 });
  });

  test("obeys the shared attributes, and says what holds", () => {
    const device = boot({ resetReason: "power-on" }, { health: { logLevel: "error", logRate: 30 } });
    const cloud = start(device);
    cloud.server.publish("v2/a", '{"logLevel":"info","logRate":"10"}');
    cloud.advance(1_000);
    expect(cloud.attributes).toMatchObject({ logLevel: "info", logRate: 10 });
    device.log.write("info", "app.step", "one");
    device.log.write("debug", "app.step", "two");
    cloud.advance(1_000);
    expect(cloud.logs.at(-1)).toBe("info app.step one");
    cloud.server.publish("v2/a", '{"deleted":["logLevel","logRate"]}');
    cloud.advance(1_000);
    expect(cloud.attributes).toMatchObject({ logLevel: "error", logRate: 30 });
  });

  test.each([
    ['{"logLevel":"loud"}', { logLevel: "none of off, error, warning, info, debug" }],
    ['{"logLevel":7}', { logLevel: "none of off, error, warning, info, debug" }],
    ['{"logRate":0}', { logRate: "below 1" }],
    ['{"logRate":null}', { logRate: "not an integer" }],
    ['{"logRate":"fast"}', { logRate: "not an integer" }],
  ])("refuses %s by name, tells the server why, and goes on as before", (update, sharedErrors) => {
    const cloud = start(boot({ resetReason: "power-on" }, { health: { logLevel: "error", logRate: 30 } }));
    cloud.server.publish("v2/a", update);
    cloud.advance(1_000);
    expect(cloud.attributes).toMatchObject({ logLevel: "error", logRate: 30, sharedErrors });
  });

  test("ends by itself: with every line wanted, a device at rest says nothing more", () => {
    const cloud = start(boot({ resetReason: "power-on" }, { health: { logLevel: "debug", logRate: 600 } }));
    cloud.advance(10_000);
    expect(cloud.logs.length).toBeGreaterThan(3);
    const before = cloud.topics.length;
    cloud.advance(50_000);
    expect(cloud.topics.length).toBe(before);
  });

  test("sends the lines of the time before the session", () => {
    const cloud = start(boot({ resetReason: "power-on" }, { health: { logLevel: "info" } }));
    cloud.advance(1_000);
    expect(cloud.logs[0]?.startsWith("info device.start")).toBe(true);
  });
});

describe("secrets", () => {
  test("that are stored and not used yet are in no report of the last run", () => {
    values.set("cred", new TextEncoder().encode('{"type":"ACCESS_TOKEN","token":"STORED-TOKEN"}'));
    values.set("cred.new", new TextEncoder().encode('{"type":"ACCESS_TOKEN","token":"NEWER-TOKEN"}'));
    const provisioning = { key: "profile-key", secret: "profile-secret" };
    const error = "Error: no use of STORED-TOKEN nor of NEWER-TOKEN";
    const device = boot({ resetReason: "panic", error }, { provisioning, credentials: undefined });
    expect(device.health.lastReset.error).toBe("Error: no use of *** nor of ***");
  });

  test("are in no line, whoever writes them: not on the platform, not in the black box, not on the server", () => {
    const error = "Error: user A1B2C3D4, wifi correct horse";
    const device = boot({ resetReason: "panic", error }, { health: { logLevel: "debug" } });
    const cloud = start(device);
    device.log.write("error", "app.failed", "GET /?token=A1B2C3D4");
    device.rpc.handle("leak", {}, () => {
      throw new Error("wifi correct horse");
    });
    cloud.server.publish("v2/r/req/1", '{"method":"leak","params":null}');
    cloud.advance(1_000);
    const everything = JSON.stringify([log.entries, written, cloud.logs, cloud.attributes]);
    expect(everything).not.toContain("A1B2C3D4");
    expect(everything).not.toContain("correct horse");
    expect(cloud.logs.some((line) => line.includes("GET /?token=***"))).toBe(true);
    expect(device.health.lastReset.error).toBe("Error: user ***, wifi ***");
  });
});
