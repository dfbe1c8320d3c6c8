// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Peers } from "./case.js";

/** The peers of the socket cases, on free loopback ports. */
export class PeerServers {
  readonly #servers: Server[] = [];

  async start(): Promise<Peers> {
    const refused = await this.#listen(() => undefined);
    const peers = {
      echo: await this.#listen((socket) => socket.pipe(socket)),
      bye: await this.#listen((socket) => socket.end("bye")),
      reset: await this.#listen((socket) => socket.once("data", () => socket.resetAndDestroy())),
      flood: await this.#listen((socket) => socket.end(Buffer.alloc(300_000).map((_, index) => index % 251))),
      refused,
    };
    await new Promise((resolve) => this.#servers[0]?.close(resolve));
    return peers;
  }

  stop(): void {
    for (const server of this.#servers) server.close();
  }

  #listen(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      onConnection(socket);
    });
    this.#servers.push(server);
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  }
}
