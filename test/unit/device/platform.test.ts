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

const assetId = "4Y1FoulaL6ocSwl5ukKl4R";
const openremote = { realm: "master", assetId };

let clock: FakeClock;
let network: FakeNetwork;
let wifi: FakeWiFi;
let log: FakeLog;
let restarts: string[];
let host: Host;

beforeEach(() => {
  clock = new FakeClock();
  network = new FakeNetwork();
  wifi = new FakeWiFi();
  log = new FakeLog();
  restarts = [];
  host = {
    ...{ clock, text, wifi, log, random: () => 0, connect: network.connect, secure: () => network.connect },
    time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
    storage: { read: () => undefined, write: () => undefined, delete: () => false },
    openFlash: () => {
      throw new DeviceError("storage-failed");
    },
    system: {
      ...{ identity: "0123456789ab", resetReason: "power-on", description: "fake" },
      measure: () => undefined,
      indicate: () => undefined,
      restart: (reason) => restarts.push(reason),
    },
  };
});

function make(config: object = {}): Device {
  return new Device(host, {
    ...{ server: { host: "or.example", platform: "openremote" }, openremote, wifi: [{ SSID: "home" }] },
    credentials: { userName: "u", password: "p", clientId: "thing" },
    ...config,
  });
}

/** Brings the device up to where its subscriptions are answered. */
function connect(device: Device): ScriptedServer {
  device.start();
  wifi.becomeAddressed();
  clock.advance(1_000);
  const server = new ScriptedServer(network.socket);
  server.welcome();
  clock.advance(0);
  return server;
}

const uniqueId = "device1";
const certified = { openremote: { provisioning: { uniqueId, certificate: "PEM", clientId: "thing" } } };
const response = `provisioning/${uniqueId}/response`;

/** The next connection of a device with a certificate, up to where the manager has its request. */
function nextRequest(): ScriptedServer {
  const sockets = network.sockets.length;
  while (network.sockets.length === sockets) clock.advance(1_000);
  const server = new ScriptedServer(network.socket);
  const [hello] = server.welcome();
  if (hello?.cmd !== "connect") throw new Error("no CONNECT");
  expect([hello.clientId, hello.clean, hello.username]).toEqual(["thing", true, undefined]);
  const [request, ...more] = server.takeAll("publish");
  expect([request?.topic, more]).toEqual([`provisioning/${uniqueId}/request`, []]);
  return server;
}

function provision(server: ScriptedServer, id: string, realm = "building"): void {
  const attributes = { level: { name: "level", value: 3 } };
  server.publish(response, JSON.stringify({ type: "success", realm, asset: { id, attributes } }));
}

/** The pause before each of the next connections, in seconds, while each is answered in the same way. */
function pausesAfter(answer: (server: ScriptedServer) => void, count: number): number[] {
  return Array.from({ length: count }, () => {
    answer(nextRequest());
    const last = log.entries.filter(({ event }) => event === "session.waiting").at(-1);
    return Math.round(Number(last?.detail.split(" ")[3]) / 1_000);
  });
}

function startCertified(): Device {
  const device = make({ ...certified, credentials: undefined });
  device.start();
  wifi.becomeAddressed();
  return device;
}

describe("a device of OpenRemote with a certificate", () => {
  test("begins anew where the connection breaks before it is answered", () => {
    const heard: unknown[] = [];
    const device = startCertified();
    device.attributes.onShared("level", (value) => heard.push(value));
    nextRequest().socket.fail("connection-reset");
    const server = nextRequest();
    expect(log.events()).not.toContain("session.open");
    provision(server, assetId);
    expect(heard).toEqual([3]);
    const filters = server.takeAll("subscribe").flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic));
    expect(filters).toEqual([`building/thing/asset/${assetId}`, `building/thing/attributevalue/+/${assetId}`]);
  });

  test("starts anew where the manager gives it another asset, and says nothing on its topics before", () => {
    const device = startCertified();
    const first = nextRequest();
    provision(first, assetId);
    first.socket.fail("connection-reset");
    device.telemetry.record("level", 1);
    const second = nextRequest();
    provision(second, "5Y1FoulaL6ocSwl5ukKl4R");
    clock.advance(5_000);
    expect(second.take()).toEqual([]);
    expect(restarts).toEqual(["another asset"]);
  });

  test("asks ever more rarely while its certificate is refused, and for one that is none hardly ever", () => {
    startCertified();
    const answer = (error: string) => (server: ScriptedServer) =>
      server.publish(response, JSON.stringify({ type: "error", error }));
    // A tenth of the window, which is what the fake's random numbers make of it.
    expect(pausesAfter(answer("UNAUTHORIZED"), 7)).toEqual([3, 6, 12, 24, 48, 90, 90]);
    expect(pausesAfter(answer("CERTIFICATE_INVALID"), 4)).toEqual([60, 120, 240, 360]);
    expect(pausesAfter(answer("SERVER_ERROR"), 3)).toEqual([0, 0, 0]);
  });

  test("does not wait for ever for the answer", () => {
    startCertified();
    const server = nextRequest();
    for (const [topic, json] of [
      ["provisioning/device2/response", '{"type":"success"}'],
      [`building/thing/attributevalue/level/${assetId}`, "5"],
    ])
      server.publish(String(topic), String(json));
    clock.advance(30_000);
    expect(log.entries.find(({ event }) => event === "session.disconnected")).toMatchObject({
      reason: "request-timeout",
    });
  });
});

describe("a device of OpenRemote", () => {
  test("has any keep-alive of whole milliseconds", () => {
    expect(() => make({ session: { keepAlive: 30_001 } })).not.toThrow();
  });

  test("tells at the call, with what there is instead, of what it has no counterpart for", () => {
    const device = make();
    const nothing = () => undefined;
    for (const [call, message] of [
      [() => device.rpc.call("m", {}), "rpc.call: OpenRemote has no methods to call"],
      [() => device.rpc.handle("m", {}, nothing), "OpenRemote has no calls of its own; config.openremote.rpc names"],
      [() => device.claiming.open(), "claiming.open: the platform has no claiming"],
      [() => device.gateway.child("c"), "gateway.child: OpenRemote has no sub-devices, see device.assets"],
      [
        () => device.attributes.request({}, {}, nothing),
        "OpenRemote cannot be asked without config.openremote.gatewayApi",
      ],
      [() => device.assets.get(assetId, {}, nothing), "assets: needs config.openremote.gatewayApi"],
    ] as const)
      expect(call).toThrow(message);
  });

  test("takes its subscriptions back when it leaves a manager with the Gateway API, which would go on with them", () => {
    const device = make({ openremote: { ...openremote, gatewayApi: true } });
    device.assets.onAssets({ of: "realm" }, () => undefined, { api: "gateway" });
    const server = connect(device);
    device.stop();
    const topics = server.takeAll("unsubscribe").flatMap(({ unsubscriptions }) => unsubscriptions ?? []);
    expect(topics).toContain("master/thing/events/assets/#");
    expect(topics).toContain(`master/thing/attributevalue/+/${assetId}`);
  });

  test("leaves at once where nobody goes on with its subscriptions", () => {
    const device = make();
    const server = connect(device);
    device.stop();
    expect(server.takeAll("unsubscribe")).toEqual([]);
  });
});
