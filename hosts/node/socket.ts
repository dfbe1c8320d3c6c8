// SPDX-License-Identifier: Apache-2.0

import { Socket as TcpSocket } from "node:net";
import type { Reason } from "../../modules/core/errors.js";
import type { Socket, SocketFactory, SocketOptions } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";
import { ReceiveBuffer } from "./receive-buffer.js";
import { socketReason } from "./socket-reason.js";

/** With more than this unread, the connection is left to TCP's own flow control. */
const receiveLimit = 65_536;

/** Bytes taken for sending before the writable count is 0. */
const sendLimit = 65_536;

/** A peer that takes nothing holds a closed socket open no longer than this. */
const lingerPeriod = 2_000;

class NodeSocket implements Socket {
  readonly #options: SocketOptions;
  readonly #guard: Guard;
  readonly #tcp: TcpSocket;
  readonly #received = new ReceiveBuffer();
  #isConnected = false;
  #hasEnded = false;
  #isClosed = false;

  /** `onGone`: the system has let go of it. */
  constructor(options: SocketOptions, guard: Guard, onGone: () => void) {
    this.#options = options;
    this.#guard = guard;
    // @types/node does not list the stream options that net.Socket hands on to Duplex.
    this.#tcp = new TcpSocket({ writableHighWaterMark: sendLimit } as object);
    this.#tcp.setNoDelay(true);
    this.#tcp.on("connect", () => this.#onConnect());
    this.#tcp.on("data", (bytes) => this.#onData(bytes));
    this.#tcp.on("end", () => this.#onEnd());
    this.#tcp.on("error", (error: NodeJS.ErrnoException) => this.#fail(socketReason(error.code, this.#isConnected)));
    this.#tcp.on("close", onGone);
    this.#tcp.connect(options.port, options.host);
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const count = this.#received.read(into, offset, length);
    const { unread } = this.#received;
    if (this.#tcp.isPaused() && unread <= receiveLimit / 2) this.#tcp.resume();
    if (this.#hasEnded && unread === 0) setImmediate(() => this.#fail("connection-closed"));
    return count;
  }

  write(from: Uint8Array, offset: number, length: number): number {
    if (length > this.#writable) throw new RangeError(`write: ${length} bytes, but ${this.#writable} are writable`);
    if (length === 0 || this.#isClosed || this.#hasEnded) return this.#writable;
    this.#tcp.write(Buffer.from(from.subarray(offset, offset + length)), () => this.#onFlushed());
    return this.#writable;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isConnected) {
      this.#tcp.destroy();
      return;
    }
    this.#tcp.resume();
    this.#tcp.destroySoon();
    const linger = setTimeout(() => this.#tcp.destroy(), lingerPeriod);
    this.#tcp.on("close", () => clearTimeout(linger));
  }

  get #writable(): number {
    return this.#isConnected ? Math.max(0, sendLimit - this.#tcp.writableLength) : 0;
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#call(() => this.#options.onWritable(this.#writable));
  }

  #onFlushed(): void {
    if (this.#tcp.writableLength === 0) this.#call(() => this.#options.onWritable(this.#writable));
  }

  #onData(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#received.append(bytes);
    if (this.#received.unread > receiveLimit) this.#tcp.pause();
    this.#call(() => this.#options.onReadable(this.#received.unread));
  }

  /** The error is terminal, so it waits until everything that came before it was read. */
  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#received.unread === 0) this.#fail("connection-closed");
  }

  #fail(reason: Reason): void {
    this.#call(() => {
      this.#isClosed = true;
      this.#tcp.destroy();
      this.#options.onError(reason);
    });
  }

  #call(callback: () => void): void {
    if (!this.#isClosed) this.#guard.enter(callback);
  }
}

/** TCP over the system's stack. Throws `TypeError` and `RangeError` for malformed options only. */
export function createSocketFactory(guard: Guard): SocketFactory {
  const open = new Set<NodeSocket>();
  guard.onClose(() => {
    for (const socket of open) socket.close();
  });
  return (options) => {
    if (typeof options.host !== "string") throw new TypeError("host: not a string");
    if (options.host.length === 0) throw new RangeError("host: empty");
    if (!Number.isInteger(options.port) || options.port < 1 || options.port > 65_535)
      throw new RangeError("port: not an integer from 1 to 65535");
    const socket: NodeSocket = new NodeSocket(options, guard, () => open.delete(socket));
    open.add(socket);
    return socket;
  };
}
