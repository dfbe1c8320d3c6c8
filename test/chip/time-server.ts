// SPDX-License-Identifier: Apache-2.0

import { createSocket, type Socket } from "node:dgram";

const port = 123;
const packetSize = 48;
/** Of the time at which the client sent its question, in its packet. */
const transmitAt = 40;
/** 1900 to 1970. */
const epochOffset = 2_208_988_800;

/** Answers SNTP on loopback with the computer's time, without which data are dated by the server. */
export class TimeServer {
  readonly #socket: Socket;
  /** Questions that were answered. */
  answers = 0;
  /** How often each question is answered, all at once. */
  copies = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (packet, { port: clientPort, address }) => {
      if (packet.length < packetSize || this.copies === 0) return;
      this.answers += 1;
      for (let copy = 0; copy < this.copies; copy += 1) socket.send(answer(packet), clientPort, address);
    });
  }

  /** Undefined where the port is not to be had, because somebody else answers there and does not share it, or because it needs privileges. */
  static async start(): Promise<TimeServer | undefined> {
    // Another lane may have it: it is this one's when that ends.
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    return new Promise((resolve) => {
      socket.once("error", () => resolve(undefined));
      socket.bind(port, "127.0.0.1", () => resolve(new TimeServer(socket)));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

function answer(question: Buffer): Buffer {
  const reply = Buffer.alloc(packetSize);
  // Version 4, a server, of the first stratum.
  reply.set([0x24, 1]);
  question.copy(reply, 24, transmitAt, packetSize);
  const now = Date.now();
  for (const at of [16, 32, transmitAt]) {
    reply.writeUInt32BE(Math.floor(now / 1_000) + epochOffset, at);
    reply.writeUInt32BE(Math.floor(((now % 1_000) / 1_000) * 2 ** 32), at + 4);
  }
  return reply;
}
