// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import type { Socket, SocketFactory, SocketOptions } from "../../modules/core/ports.js";

/** A socket of the port's shape whose peer is the test. Runs on every engine. */
export class FakeSocket implements Socket {
  readonly options: SocketOptions;
  isClosed = false;
  /** Everything written so far. */
  readonly sent: number[] = [];
  /** Lengths of the single writes. */
  readonly writes: number[] = [];
  /** When set, the next write throws, as a platform's socket does whose connection is gone. */
  failsNextWrite = false;
  #writable = 0;
  #received: number[] = [];
  #isOver = false;

  constructor(options: SocketOptions) {
    this.options = options;
  }

  read(into: Uint8Array, offset: number, length: number): number {
    this.#mustBeUsable();
    const count = Math.min(length, this.#received.length);
    for (let index = 0; index < count; index += 1) into[offset + index] = this.#received[index] ?? 0;
    this.#received = this.#received.slice(count);
    return count;
  }

  write(from: Uint8Array, offset: number, length: number): number {
    this.#mustBeUsable();
    if (this.failsNextWrite) throw new Error("write failed");
    if (length > this.#writable) throw new RangeError(`write: ${length} bytes over ${this.#writable}`);
    for (let index = offset; index < offset + length; index += 1) this.sent.push(from[index] ?? 0);
    this.writes.push(length);
    this.#writable -= length;
    return this.#writable;
  }

  close(): void {
    this.isClosed = true;
  }

  /** Bytes that the client has not read yet. */
  get unread(): number {
    return this.#received.length;
  }

  /** The peer's end: `count` bytes can be written from now on. The first time, the connection stands. */
  allow(count: number): void {
    this.#writable = count;
    if (!this.isClosed && !this.#isOver) this.options.onWritable(count);
  }

  /** Bytes arrive, all at once or `step` at a time. */
  deliver(bytes: ArrayLike<number>, step: number = bytes.length): void {
    for (let at = 0; at < bytes.length; at += step) {
      for (let index = at; index < Math.min(at + step, bytes.length); index += 1)
        this.#received.push(bytes[index] as number);
      if (!this.isClosed && !this.#isOver) this.options.onReadable(this.#received.length);
    }
  }

  fail(reason: Reason): void {
    if (this.isClosed || this.#isOver) return;
    this.#isOver = true;
    this.options.onError(reason);
  }

  #mustBeUsable(): void {
    if (this.isClosed || this.#isOver) throw new Error("socket: used after its end");
  }
}

/** Makes fake sockets and keeps them in order. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];
  /** When set, the factory throws. */
  isBroken = false;

  readonly connect: SocketFactory = (options) => {
    if (this.isBroken) throw new Error("no sockets left");
    const socket = new FakeSocket(options);
    this.sockets.push(socket);
    return socket;
  };

  /** The latest. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no connection was attempted");
    return socket;
  }
}
