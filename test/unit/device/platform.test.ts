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

describe("a device of OpenRemote", () => {
  test("has any keep-alive of whole milliseconds", () => {
    expect(() => make({ session: { keepAlive: 30_001 } })).not.toThrow();
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
