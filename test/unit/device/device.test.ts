// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Host } from "../../../modules/core/ports.js";
import { Device } from "../../../modules/device/device.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { ScriptedServer } from "../../fakes/scripted-server.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";

const config = { server: { host: "server.test" }, credentials: { token: "T" }, wifi: [{ SSID: "home" }] };
const limitsTopic = "v1/devices/me/rpc/request/0";

let clock: FakeClock;
let network: FakeNetwork;
let wifi: FakeWiFi;
let log: FakeLog;
let restarts: string[];
let device: Device;
let board: Host;

beforeEach(() => {
  clock = new FakeClock();
  network = new FakeNetwork();
  wifi = new FakeWiFi();
  log = new FakeLog();
  restarts = [];
  const host: Host = {
    ...{ clock, text, wifi, log, random: () => 0, connect: network.connect, secure: () => network.connect },
    time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
    storage: { read: () => undefined, write: () => undefined, delete: () => false },
    openFlash: () => {
      throw new DeviceError("storage-failed");
    },
    system: {
      ...{ identity: "0123456789ab", resetReason: "power-on", description: "fake" },
      measure: (report) => report("freeHeap", 1_000),
      indicate: () => undefined,
      restart: (reason) => restarts.push(reason),
    },
  };
  device = new Device(host, config);
  board = host;
});

function connect(): ScriptedServer {
  device.start();
  wifi.becomeAddressed();
  clock.advance(1_000);
  const server = new ScriptedServer(network.socket);
  for (const packet of server.welcome()) if (packet.cmd === "publish") server.acknowledge(packet.messageId ?? 0);
  clock.advance(0);
  return server;
}

describe("Device", () => {
  test("takes one timer of the platform in all: no host gives one back", () => {
    connect();
    network.socket.fail("connection-reset");
    clock.advance(60_000);
    expect(clock.timers).toBe(1);
  });

  test("does not touch the host when a field of its configuration is wrong", () => {
    const untouchable = new Proxy({} as Host, {
      get: (_, name) => {
        if (name === "text") return text;
        throw new Error(`touched ${String(name)}`);
      },
    });
    expect(() => new Device(untouchable, { ...config, server: { host: 5 } })).toThrow(
      "config.server.host: not a string",
    );
  });

  test("opens no flash when a certificate is none", () => {
    const opened: string[] = [];
    const host: Host = {
      ...board,
      secure: () => {
        throw new RangeError("ca: not certificates");
      },
      openFlash: (path) => {
        opened.push(path);
        throw new DeviceError("storage-failed");
      },
    };
    const server = { host: "server.test", tls: { ca: "nonsense" } };
    expect(() => new Device(host, { ...config, server })).toThrow("config.server.tls: ca: not certificates");
    expect(opened).toEqual([]);
  });

  test("connects with its token and its identity once there is a network, not before", () => {
    device.start();
    clock.advance(60_000);
    expect(network.sockets).toHaveLength(0);
    wifi.becomeAddressed();
    clock.advance(1_000);
    const [hello] = new ScriptedServer(network.socket).takeAll("connect");
    expect(hello).toMatchObject({ clientId: "0123456789ab", username: "T" });
  });

  test("asks for the limits of the session and obeys them", () => {
    const server = connect();
    const call = server.takeAll("publish").find(({ topic }) => topic === limitsTopic);
    expect(JSON.parse(String(call?.payload))).toEqual({ method: "getSessionLimits", params: {} });
    server.publish(
      "v1/devices/me/rpc/response/0",
      '{"maxPayloadSize":2000,"maxInflightMessages":10,"rateLimits":{"messages":null,"telemetryMessages":"1:3600","telemetryDataPoints":null}}',
    );
    for (let sample = 0; sample < 3; sample += 1) {
      device.telemetry.record("a", sample);
      clock.advance(2_000);
      for (const { messageId } of server.takeAll("publish")) server.acknowledge(messageId ?? 0);
    }
    expect(device.telemetry.delivered).toBeLessThan(3);
    expect(device.telemetry.depth).toBeGreaterThan(0);
  });

  test("gathers the vital signs of platform, network, queue and session under distinct keys", () => {
    connect();
    const keys: string[] = [];
    const counters = ["stored", "dropped", "refused", "quarantined"];
    device.health.measure((key) => {
      keys.push(key);
    });
    expect(keys).toEqual(["bootCount", "freeHeap", "uptime", "rssi", "queued", ...counters, "disconnects"]);
  });

  test("reports nothing while it is stopped, and goes on when it is started again", () => {
    connect();
    device.health.report(1_000);
    clock.advance(5_000);
    device.start();
    expect(log.events().filter((event) => event === "device.start")).toHaveLength(1);
    device.stop();
    const { recorded } = device.telemetry;
    expect(recorded).toBeGreaterThan(0);
    clock.advance(60_000);
    expect(device.telemetry.recorded).toBe(recorded);
    device.start();
    clock.advance(5_000);
    expect(device.telemetry.recorded).toBeGreaterThan(recorded);
  });

  test("restarts when the server has what it was sent, so that the call that asked for it is answered", () => {
    const server = connect();
    for (const { messageId } of server.takeAll("publish")) server.acknowledge(messageId ?? 0);
    device.rpc.handle("reboot", {}, () => device.restart("rpc"));
    server.publish("v2/r/req/7", '{"method":"reboot","params":null}', 1, 9);
    clock.advance(2_000);
    expect(restarts).toEqual([]);
    const reply = server.takeAll("publish").find(({ topic }) => topic === "v2/r/res/7");
    server.acknowledge(reply?.messageId ?? 0);
    clock.advance(250);
    expect(restarts).toEqual(["rpc"]);
  });

  test("restarts when the server has what was recorded a moment after it was asked to", () => {
    const server = connect();
    for (const { messageId } of server.takeAll("publish")) server.acknowledge(messageId ?? 0);
    device.restart("test");
    clock.advance(20);
    device.telemetry.record("late", 1);
    clock.advance(1_000);
    const last = server.takeAll("publish").find(({ payload }) => String(payload).includes("late"));
    expect(restarts).toEqual([]);
    server.acknowledge(last?.messageId ?? 0);
    clock.advance(250);
    expect(restarts).toEqual(["test"]);
  });

  test("restarts once, however often it was asked to", () => {
    connect();
    device.restart("one");
    device.restart("two");
    clock.advance(10_000);
    expect(restarts).toEqual(["one"]);
  });

  test("restarts after five seconds whatever the server does", () => {
    const server = connect();
    device.telemetry.record("a", 1);
    clock.advance(1_000);
    expect(server.takeAll("publish").length).toBeGreaterThan(0);
    device.restart("test");
    clock.advance(4_999);
    expect(restarts).toEqual([]);
    clock.advance(250);
    expect(restarts).toEqual(["test"]);
  });

  test("a call without a callback is a promise, which is rejected by name when it comes to nothing", async () => {
    connect();
    const call = device.rpc.call("getTime", {}, { timeout: 1_000 });
    clock.advance(1_000);
    const reason = await call.catch((error: DeviceError) => error.reason);
    expect(reason).toBe("request-timeout");
  });
});
