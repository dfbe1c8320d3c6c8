// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { startServer } from "../../server/server.js";
import { listen, Scene } from "./scene.js";

const accepted = [0x20, 0x02, 0x00, 0x00];

/** Reads packets and answers CONNECT with a code, every SUBSCRIBE with its grants and every QoS 1 PUBLISH with PUBACK. */
function answer(socket: Socket, connack: readonly number[], onConnected: () => void = () => {}): void {
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let packet = take(); packet; packet = take()) respond(packet);
  });
  const take = (): Buffer | undefined => {
    const long = (bytes[1] ?? 0) > 127;
    const length = long ? ((bytes[1] ?? 0) & 127) + (bytes[2] ?? 0) * 128 + 3 : (bytes[1] ?? 0) + 2;
    if (bytes.length < 2 || bytes.length < length) return undefined;
    const packet = bytes.subarray(0, length);
    bytes = bytes.subarray(length);
    return packet;
  };
  const respond = (packet: Buffer): void => {
    const head = (packet[1] ?? 0) > 127 ? 3 : 2;
    const operation = (packet[0] ?? 0) >> 4;
    if (operation === 1) {
      socket.write(Buffer.from(connack));
      onConnected();
    } else if (operation === 8) socket.write(Buffer.from([0x90, 3, packet[head] ?? 0, packet[head + 1] ?? 0, 1]));
    else if (operation === 3 && ((packet[0] ?? 0) & 6) === 2) {
      const at = head + 2 + packet.readUInt16BE(head);
      socket.write(Buffer.from([0x40, 2, packet[at] ?? 0, packet[at + 1] ?? 0]));
    } else if (operation === 12) socket.write(Buffer.from([0xd0, 0]));
  };
}

function publish(topic: string, payload: string | Buffer): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.from([name.length >> 8, name.length & 255]), name, Buffer.from(payload)]);
  const length: number[] = [];
  for (let rest = body.length; ; rest >>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

/** A server that says something to the device right after accepting it. */
function saying(...messages: Buffer[]): Promise<number> {
  return listen((socket) => answer(socket, accepted, () => socket.write(Buffer.concat(messages))));
}

describe("a device with a bad server keeps trying, says why, and keeps its data", () => {
  const cases: readonly [string, () => Promise<{ host: string; port: number }>, string][] = [
    ["nobody listens", async () => ({ host: "127.0.0.1", port: await freePort() }), "connect-refused"],
    ["the name does not resolve", async () => ({ host: "no-such-host.invalid", port: 1883 }), "dns-failed"],
    ["the server stays silent", async () => local(await listen(() => {})), "connack-timeout"],
    ["the server hangs up at once", async () => local(await listen((socket) => socket.end())), "connection-closed"],
    ["the server resets", async () => local(await listen((socket) => socket.resetAndDestroy())), "connection-reset"],
    ["the user name is bad", async () => local(await refusing(4)), "refused-credentials"],
    ["the token is unknown", async () => local(await refusing(5)), "refused-authorization"],
    ["the client id is refused", async () => local(await refusing(2)), "refused-identifier"],
    ["the service is not available", async () => local(await refusing(3)), "refused-unavailable"],
    [
      "the server kicks after CONNACK",
      async () => local(await listen((socket) => answer(socket, accepted, () => setTimeout(() => socket.end(), 5)))),
      "closed-after-connack",
    ],
    [
      "the server talks HTTP",
      async () => local(await listen((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"))),
      "malformed-packet",
    ],
  ];

  test.each(cases)("when %s", async (_, open, reason) => {
    const scene = new Scene(await open());
    scene.device.telemetry.record("a", 1);
    scene.device.start();
    const disconnects = await scene.logged("session.disconnected", 2);
    expect(disconnects.map((entry) => entry.reason)).toEqual([reason, reason]);
    const { depth, delivered } = scene.device.telemetry;
    expect(depth + delivered).toBe(1);
  });

  test("when its token is wrong for the real local server", async () => {
    const server = await startServer({ mqttPort: 0, httpPort: 0 });
    const scene = new Scene(local(server.mqttPort), "wrong");
    scene.device.start();
    const [entry] = await scene.logged("session.disconnected");
    expect(entry?.reason).toBe("refused-authorization");
    await server.close();
  });
});

describe("a device hears nonsense and stays in its session", () => {
  const cases: readonly [string, string, string | Buffer, string, string][] = [
    ["an attribute update that is no JSON", "v2/a", "{period:", "attributes.shared", "malformed-json"],
    ["an empty attribute update", "v2/a", "", "attributes.shared", "malformed-json"],
    ["a call that is no JSON", "v2/r/req/7", "\u0000\u0001", "rpc.failed", "malformed-json"],
    ["100 KB at once", "v2/a", Buffer.alloc(100_000, 0x61), "session.failure", "payload-too-large"],
    ["a topic nobody subscribed", "weather/today", "{}", "session.failure", "unknown-topic"],
  ];

  test.each(cases)("%s", async (_, topic, payload, event, reason) => {
    const port = await saying(publish(topic, payload));
    const scene = new Scene(local(port));
    scene.device.start();
    await scene.logged("session.live");
    const [entry] = await scene.logged(event);
    expect(entry?.reason).toBe(reason);
    scene.device.telemetry.record("a", 1);
    while (scene.device.telemetry.delivered === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(scene.log.events()).not.toContain("session.disconnected");
  });
});

function local(port: number): { host: string; port: number } {
  return { host: "127.0.0.1", port };
}

function refusing(code: number): Promise<number> {
  return listen((socket) => answer(socket, [0x20, 0x02, 0x00, code]));
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = await startServer({ mqttPort: 0, httpPort: 0 });
  const { mqttPort } = server;
  await server.close();
  return mqttPort;
}
