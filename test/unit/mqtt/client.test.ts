// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { MqttClient } from "../../../modules/mqtt/client.js";
import type { MqttClientOptions } from "../../../modules/mqtt/options.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";

let network: FakeNetwork;
let clock: FakeClock;

beforeEach(() => {
  network = new FakeNetwork();
  clock = new FakeClock();
});

function make(changes: Readonly<Record<string, unknown>> = {}): MqttClient {
  const options = {
    clock,
    text,
    connect: network.connect,
    host: "server.test",
    receive: new Uint8Array(128),
    transmit: new Uint8Array(128),
    onWritable: () => {},
    onReadable: () => {},
    onDropped: () => {},
    onControl: () => {},
    onError: () => {},
    ...changes,
  };
  return new MqttClient(options as unknown as MqttClientOptions);
}

describe("MqttClient", () => {
  test.each<[string, unknown, unknown]>([
    ["host", undefined, TypeError],
    ["host", "", RangeError],
    ["host", "h".repeat(254), RangeError],
    ["port", "1883", TypeError],
    ["port", 0, RangeError],
    ["port", 65_536, RangeError],
    ["id", 5, TypeError],
    ["user", null, TypeError],
    ["password", 5, TypeError],
    ["keepAlive", "60", TypeError],
    ["keepAlive", 999, RangeError],
    ["keepAlive", 65_535_001, RangeError],
    ["receive", new ArrayBuffer(128), TypeError],
    ["receive", new Uint8Array(127), RangeError],
    ["transmit", undefined, TypeError],
    ["transmit", new Uint8Array(127), RangeError],
    ["connectTimeout", 0, RangeError],
    ["connackTimeout", 600_001, RangeError],
    ["connect", undefined, TypeError],
    ["onWritable", undefined, TypeError],
    ["onReadable", "no", TypeError],
    ["onDropped", null, TypeError],
    ["onControl", {}, TypeError],
    ["onError", undefined, TypeError],
  ])("is refused with %s: %p, by its name, before anything is connected", (name, value, kind) => {
    expect(() => make({ [name]: value })).toThrow(kind as ErrorConstructor);
    expect(() => make({ [name]: value })).toThrow(name);
    expect(network.sockets).toHaveLength(0);
  });

  test("is refused with a password and no user", () => {
    expect(() => make({ password: "p" })).toThrow(/^password/);
  });

  test("is refused with an empty identifier for a session to be kept", () => {
    expect(() => make({ clean: false })).toThrow(/^id/);
    expect(() => make({ clean: false, id: "d" })).not.toThrow();
  });

  test("is refused with a will without a topic, or of QoS 2", () => {
    expect(() => make({ will: { topic: "", message: "" } })).toThrow(/^will.topic/);
    expect(() => make({ will: { topic: "t", message: "", QoS: 2 } })).toThrow(/^will.QoS/);
  });

  test("is refused with a transmit buffer that CONNECT does not fit", () => {
    expect(() => make({ user: "u".repeat(79) })).not.toThrow();
    expect(() => make({ user: "u".repeat(82) })).toThrow(/^transmit/);
  });

  test("connects to port 1883 unless told otherwise", () => {
    make();
    make({ port: 8883 });
    expect(network.sockets.map(({ options }) => options.port)).toEqual([1883, 8883]);
  });

  test("refuses to publish more bytes than there are", () => {
    const client = make();
    network.socket.allow(1_000);
    expect(() => client.publish("t", new Uint8Array(3), 4, 0, 0, false)).toThrow(/^byteLength/);
    expect(() => client.publish("t", new Uint8Array(3), 3, 0, 0, false)).not.toThrow();
  });

  test("is silent after close, even on a platform whose socket is not", () => {
    const told: string[] = [];
    const client = make({
      onWritable: () => told.push("writable"),
      onReadable: () => told.push("message"),
      onControl: () => told.push("control"),
      onError: () => told.push("error"),
    });
    const { options } = network.socket;
    network.socket.allow(0);
    while (client.publish("t", new Uint8Array(20), 20, 0, 0, false));
    told.length = 0;
    client.close();
    options.onWritable(1_000);
    options.onReadable(4);
    options.onError("connection-reset");
    clock.advance(3_600_000);
    expect(told).toEqual([]);
  });

  test("tells at once of a write that failed, although the server accepts it meanwhile", () => {
    const told: string[] = [];
    const client = make({ keepAlive: 60_000, onError: (reason: string) => told.push(reason) });
    network.socket.allow(1_000);
    network.socket.failsNextWrite = true;
    client.publish("t", new Uint8Array(1), 1, 0, 0, false);
    network.socket.deliver([0x20, 2, 0, 0, 0x30, 3, 0, 1, 97]);
    expect(told).toEqual([]);
    clock.advance(0);
    expect(told).toEqual(["connection-reset"]);
  });

  test("goes on in order after its owner threw in a callback", () => {
    const topics: string[] = [];
    make({
      onReadable: (topic: string) => {
        topics.push(topic);
        if (topic === "a") throw new Error("owner");
      },
    });
    network.socket.allow(1_000);
    network.socket.deliver([0x20, 2, 0, 0]);
    expect(() => network.socket.deliver([0x30, 3, 0, 1, 97, 0x30, 3, 0, 1, 98])).toThrow("owner");
    network.socket.deliver([0x30, 3, 0, 1, 99]);
    expect(topics).toEqual(["a", "b", "c"]);
  });

  test("sends what its owner published although the owner threw afterwards", () => {
    const client = make({
      onWritable: () => {
        client.publish("t", new Uint8Array(0), 0, 0, 0, false);
        throw new Error("owner");
      },
    });
    expect(() => network.socket.allow(1_000)).toThrow("owner");
    expect(network.socket.sent.slice(-5)).toEqual([0x30, 3, 0, 1, 116]);
  });
});
