// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import type { Milliseconds } from "../modules/core/ports.js";
import { ShapedLink } from "./shaped-link.js";

/** The least that a link allows, from a request to the last byte of its answer. `bandwidth` in bits per second. */
export function floorOf(byteLength: number, bandwidth: number, roundTrip: Milliseconds): Milliseconds {
  return (byteLength * 8_000) / bandwidth + roundTrip;
}

/** What a request that is answered over TCP alone takes on the link: the link, and how busy this machine is. */
export async function plainTransfer(
  byteLength: number,
  bandwidth: number,
  roundTrip: Milliseconds,
): Promise<Milliseconds> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(Buffer.alloc(byteLength)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const link = new ShapedLink({ target: () => (server.address() as AddressInfo).port, roundTrip, bandwidth });
  const socket = connect(await link.listen(), "127.0.0.1");
  try {
    await once(socket, "connect");
    const startedAt = performance.now();
    socket.write("?");
    for (let received = 0; received < byteLength; ) received += ((await once(socket, "data")) as [Buffer])[0].length;
    return performance.now() - startedAt;
  } finally {
    socket.destroy();
    link.stop();
    server.close();
  }
}
