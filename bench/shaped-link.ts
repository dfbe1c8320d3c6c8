// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Milliseconds } from "../modules/core/ports.js";
import { Line } from "./line.js";

/** What a packet of TCP carries over Ethernet. */
const packetBytes = 1_460;

/** What a router holds for one direction; then the sender waits. A tenth of a second at 10 Mbit/s, so that this process may be late. */
const routerBytes = 131_072;

export interface ShapedLinkOptions {
  /** Tells the port of this machine to connect to when somebody connects. */
  readonly target: () => number;
  readonly roundTrip: Milliseconds;
  /** In each direction, bits per second of what TCP carries. */
  readonly bandwidth: number;
  /** For each connection: sees what comes from who opened it, before the link has it. */
  readonly onConnection?: () => (bytes: Buffer) => void;
}

/** A link of some bandwidth and length before a port of this machine. A connection has a line of its own in each direction. */
export class ShapedLink {
  readonly #options: ShapedLinkOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: ShapedLinkOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#join(client, connect(options.target(), "127.0.0.1")));
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Resets all connections, with what is on its way. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket, upstream: Socket): void {
    const { onConnection, roundTrip, bandwidth } = this.#options;
    const observe = onConnection?.();
    if (observe !== undefined) client.on("data", observe);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      const direction = new Direction(new Line(bandwidth, roundTrip / 2), from, to);
      from.on("data", (bytes) => direction.take(bytes));
      from.on("error", () => from.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        direction.end();
      });
    }
  }
}

/** Hands on from one socket to the other what its line brings. */
class Direction {
  readonly #line: Line;
  readonly #from: Socket;
  readonly #to: Socket;
  /** Packets under way, and when they arrive. */
  readonly #packets: { readonly bytes: Buffer; readonly dueAt: Milliseconds }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(line: Line, from: Socket, to: Socket) {
    this.#line = line;
    this.#from = from;
    this.#to = to;
  }

  take(bytes: Buffer): void {
    const now = performance.now();
    for (let at = 0; at < bytes.length; at += packetBytes) {
      const packet = bytes.subarray(at, at + packetBytes);
      this.#packets.push({ bytes: packet, dueAt: this.#line.take(now, packet.length) });
    }
    if (this.#line.backlog(now) > routerBytes) this.#from.pause();
    this.#arm(now);
  }

  /** The sender has closed: so does the receiver, behind what is under way. */
  end(): void {
    this.#hasEnded = true;
    if (this.#packets.length === 0) this.#to.destroySoon();
  }

  #arm(now: Milliseconds): void {
    const next = this.#packets[0];
    if (next === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#handOn(), next.dueAt - now);
  }

  #handOn(): void {
    this.#timer = undefined;
    const now = performance.now();
    let isFull = false;
    for (let next = this.#packets[0]; !isFull && next !== undefined && next.dueAt <= now; next = this.#packets[0]) {
      isFull = !this.#to.write(next.bytes);
      this.#packets.shift();
    }
    if (this.#hasEnded) this.end();
    if (this.#from.isPaused() && this.#line.backlog(now) < routerBytes) this.#from.resume();
    if (isFull) this.#to.once("drain", () => this.#arm(performance.now()));
    else this.#arm(now);
  }
}
