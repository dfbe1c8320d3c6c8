// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { flashFolder } from "../integration/board.js";
import { Board, stored } from "../integration/provisioning/fixture.js";
import { listen } from "./scene.js";

const accepted = Buffer.from([0x20, 0x02, 0x00, 0x00]);
const topic = Buffer.from("/provision/response");

/** A PUBLISH of QoS 0 on the topic of the replies. */
function reply(payload: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from(payload)]);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>= 7) length.push((rest & 127) | (rest > 127 ? 128 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

/** A server that accepts everybody and says this at once. */
function saying(...messages: readonly Buffer[]): Promise<number> {
  return listen((socket) => socket.once("data", () => socket.write(Buffer.concat([accepted, ...messages]))));
}

describe("a device without credentials keeps asking a bad server, and says why", () => {
  const cases: readonly [string, () => Promise<number>, string][] = [
    ["accepts it and never answers", () => saying(), "request-timeout"],
    ["does not even accept it", () => listen(() => {}), "connack-timeout"],
    ["hangs up", () => listen((socket) => socket.end()), "connection-closed"],
    ["resets", () => listen((socket) => socket.resetAndDestroy()), "connection-reset"],
    [
      "hangs up when it was asked",
      () => listen((socket) => socket.once("data", () => end(socket))),
      "connection-closed",
    ],
    ["talks HTTP", () => listen((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")), "malformed-packet"],
    ["has no provisioning", () => refusing(5), "refused-authorization"],
    ["replies with nonsense", () => saying(reply("{status:")), "malformed-json"],
    ["replies with 100 KB", () => saying(reply("x".repeat(100_000))), "payload-too-large"],
    ["gives what is no token", () => saying(reply('{"status":"SUCCESS"}')), "provisioning-refused"],
  ];

  test.each(cases)("that %s", async (_, open, reason) => {
    const folder = flashFolder();
    const board = new Board({ folder, server: await open(), provisioning: { credentials: "server" }, haste: 40 });
    expect((await board.logged("provisioning.failed")).reason).toBe(reason);
    await board.logged("provisioning.waiting", 2);
    expect(stored(folder, "cred")).toBeUndefined();
    expect(stored(folder, "cred.new")).toBeUndefined();
    board.stop();
  });
});

function end(socket: Socket): void {
  socket.end(accepted);
}

function refusing(code: number): Promise<number> {
  return listen((socket) => socket.once("data", () => socket.write(Buffer.from([0x20, 0x02, 0x00, code]))));
}
