// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Line } from "../../../bench/line.js";
import { ShapedLink } from "../../../bench/shaped-link.js";

const bandwidth = 10_000_000;

describe("a line", () => {
  test("brings the last of many bytes after the bytes over the bandwidth and the delay, however they are cut", () => {
    for (const count of [1, 7, 1_024]) {
      const line = new Line(bandwidth, 30);
      let arrival = 0;
      for (let index = 0; index < count; index += 1) arrival = line.take(100, 1_250_000 / count);
      expect(arrival).toBeCloseTo(100 + 1_000 + 30, 6);
    }
  });

  test("saves no bandwidth while nothing is sent", () => {
    const line = new Line(bandwidth, 30);
    line.take(0, 1_250);
    expect(line.take(1_000, 1_250)).toBeCloseTo(1_031, 6);
  });

  test("holds what was taken and not sent", () => {
    const line = new Line(bandwidth, 30);
    line.take(0, 12_500);
    expect(line.backlog(0)).toBeCloseTo(12_500, 6);
    expect(line.backlog(4)).toBeCloseTo(7_500, 6);
    expect(line.backlog(10)).toBe(0);
    expect(line.backlog(50)).toBe(0);
  });
});

describe("a shaped link", () => {
  const image = Buffer.alloc(262_144, "xsthing");
  const roundTrip = 80;
  const servers: Server[] = [];
  const links: ShapedLink[] = [];

  afterEach(() => {
    for (const link of links.splice(0)) link.stop();
    for (const server of servers.splice(0)) server.close();
  });

  /** Answers one byte with the image. */
  async function open(): Promise<number> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write(image));
    });
    servers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    const link = new ShapedLink({ target: () => (server.address() as AddressInfo).port, roundTrip, bandwidth });
    links.push(link);
    return link.listen();
  }

  test("is no faster than it promises, and brings every byte in its place", async () => {
    const socket = connect(await open(), "127.0.0.1");
    await once(socket, "connect");
    const startedAt = performance.now();
    socket.write("?");
    const pieces: Buffer[] = [];
    let firstAt = 0;
    for (let length = 0; length < image.length; ) {
      const [piece] = (await once(socket, "data")) as [Buffer];
      if (length === 0) firstAt = performance.now();
      pieces.push(piece);
      length += piece.length;
    }
    const took = performance.now() - startedAt;
    socket.destroy();
    expect(Buffer.concat(pieces).equals(image)).toBe(true);
    expect(firstAt - startedAt).toBeGreaterThanOrEqual(roundTrip);
    expect(took).toBeGreaterThanOrEqual((image.length * 8_000) / bandwidth + roundTrip);
    // Twice the promise: a machine that is busy with other tests is late.
    expect(took).toBeLessThan(2 * ((image.length * 8_000) / bandwidth + roundTrip));
  });

  test("resets its connections when it is cut, and takes the next one", async () => {
    const port = await open();
    const first = connect(port, "127.0.0.1");
    await once(first, "connect");
    first.write("?");
    await once(first, "data");
    links[0]?.cut();
    const [error] = await once(first, "error");
    expect(error.code).toBe("ECONNRESET");
    const second = connect(port, "127.0.0.1");
    second.write("?");
    await once(second, "data");
    second.destroy();
  });
});
