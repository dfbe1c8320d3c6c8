// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

const tick = 20;
const requestTopic = "v2/fw/request/";

/** The link of a device: slow from the server on. It counts requests for chunks of firmware. */
export class LifeLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #bytesPerTick: number;
  #requests = 0;

  /** `target` tells the server's port when the device connects. */
  constructor(target: () => number, bytesPerSecond: number) {
    this.#bytesPerTick = Math.ceil((bytesPerSecond * tick) / 1_000);
    this.#server = createServer((device) => {
      const upstream = connect(target(), "127.0.0.1");
      this.#track(device, upstream);
      this.#track(upstream, device);
      this.#count(device);
      device.on("data", (bytes) => upstream.write(bytes));
      this.#trickle(upstream, device);
    });
  }

  /** Requests for chunks that devices have sent. */
  get requests(): number {
    return this.#requests;
  }

  /** Where devices find it. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve(this.port));
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #track(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }

  /** A topic may come in two pieces. */
  #count(device: Socket): void {
    let end = "";
    device.on("data", (bytes) => {
      const text = end + bytes.toString("latin1");
      this.#requests += text.split(requestTopic).length - 1;
      end = text.slice(1 - requestTopic.length);
    });
  }

  #trickle(from: Socket, to: Socket): void {
    from.on("readable", () => undefined);
    const timer = setInterval(() => {
      const bytes = from.read(Math.min(this.#bytesPerTick, from.readableLength));
      if (bytes !== null) to.write(bytes);
    }, tick);
    from.on("close", () => clearInterval(timer));
  }
}
