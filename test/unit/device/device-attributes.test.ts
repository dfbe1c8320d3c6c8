// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Host } from "../../../modules/core/ports.js";
import { Device } from "../../../modules/device/device.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { ScriptedServer } from "../../fakes/scripted-server.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";

const config = { server: { host: "server.test" }, credentials: { token: "T" }, wifi: [{ SSID: "home" }] };

/** A device that follows the shared attribute `period`, started. One storage makes several boots of it. */
function boot(storage = new FakeStorage()) {
  const clock = new FakeClock();
  const network = new FakeNetwork();
  const wifi = new FakeWiFi();
  const restarts: string[] = [];
  const host: Host = {
    ...{ clock, text, wifi, storage, log: new FakeLog(), random: () => 0 },
    ...{ connect: network.connect, secure: () => network.connect },
    time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
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
  const device = new Device(host, config);
  const periods: number[] = [];
  device.attributes.declareShared("period", { type: "integer", minimum: 100, default: 5_000 }, (period) => {
    periods.push(period);
  });
  device.start();
  const connect = () => {
    wifi.becomeAddressed();
    clock.advance(1_000);
    const server = new ScriptedServer(network.socket);
    const packets = server.welcome();
    clock.advance(0);
    /** Payloads on the topic that came since the last call. */
    const published = (topic: string) => {
      const found = [...packets.splice(0), ...server.take()].filter((packet) => packet.cmd === "publish");
      for (const { messageId } of found) server.acknowledge(messageId ?? 0);
      return found.filter((packet) => packet.topic === topic).map(({ payload }) => JSON.parse(String(payload)));
    };
    return { server, published };
  };
  return { device, clock, network, storage, periods, restarts, connect };
}

describe("Device, shared attributes", () => {
  test("delivers the default, and after a restart the last known value, before there is a network", () => {
    const first = boot();
    first.clock.advance(0);
    expect(first.periods).toEqual([5_000]);
    first.connect().server.publish("v2/a", '{"period":200}');
    expect(first.periods).toEqual([5_000, 200]);
    first.clock.advance(0);
    const second = boot(first.storage);
    second.clock.advance(0);
    expect(second.periods).toEqual([200]);
    expect(second.network.sockets).toHaveLength(0);
    second.connect().server.publish("v2/a/res/0", '{"shared":{"period":200}}');
    expect(second.periods).toEqual([200]);
  });

  test.each<[string, (room: ReturnType<typeof boot>) => void]>([
    ["it stops", ({ device }) => device.stop()],
    [
      "it restarts",
      ({ device, clock, restarts }) => {
        device.restart("test");
        clock.advance(5_250);
        expect(restarts).toEqual(["test"]);
      },
    ],
  ])("stores the last value when %s", (_, end) => {
    const first = boot();
    const { server } = first.connect();
    server.publish("v2/a", '{"period":200}');
    first.clock.advance(0);
    server.publish("v2/a", '{"period":300}');
    first.clock.advance(0);
    end(first);
    const second = boot(first.storage);
    second.clock.advance(0);
    expect(second.periods).toEqual([300]);
  });

  test("says at connect that all is well, and tells of a value that it refuses", () => {
    const { connect, clock, periods } = boot();
    const { server, published } = connect();
    expect(published("v2/a")[0]).toMatchObject({ sharedErrors: {} });
    server.publish("v2/a", '{"period":99}');
    clock.advance(0);
    expect(published("v2/a")).toEqual([{ sharedErrors: { period: "below 100" } }]);
    server.publish("v2/a", '{"deleted":["period"]}');
    clock.advance(0);
    expect(published("v2/a")).toEqual([{ sharedErrors: {} }]);
    expect(periods).toEqual([5_000]);
  });

  test("lives with a storage that is broken", () => {
    const storage = new FakeStorage();
    storage.isBroken = true;
    const { connect, clock, device, periods } = boot(storage);
    connect().server.publish("v2/a", '{"period":200}');
    clock.advance(20_000);
    device.stop();
    expect(periods).toEqual([5_000, 200]);
  });
});
