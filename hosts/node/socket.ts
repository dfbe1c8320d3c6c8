// SPDX-License-Identifier: Apache-2.0

import type { Socket as Stream } from "node:net";
import type { Reason } from "../../modules/core/errors.js";
import type { SecureSocketFactory, Socket, SocketFactory, SocketOptions } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";
import { ReceiveBuffer } from "./receive-buffer.js";
import { tcp } from "./tcp.js";
import { createTls } from "./tls.js";
import type { Transport } from "./transport.js";

/** With more than this unread, the connection is left to TCP's own flow control. */
const receiveLimit = 65_536;

/** Bytes taken for sending before the writable count is 0. */
const sendLimit = 65_536;

/** A peer that takes nothing holds a closed socket open no longer than this. */
const lingerPeriod = 2_000;

class NodeSocket implements Socket {
  readonly #options: SocketOptions;
  readonly #guard: Guard;
  readonly #stream: Stream;
  readonly #received = new ReceiveBuffer();
  #isReady = false;
  #hasReceived = false;
  #hasEnded = false;
  #isClosed = false;

  /** `onGone`: the system has let go of it. */
  constructor(options: SocketOptions, transport: Transport, guard: Guard, onGone: () => void) {
    this.#options = options;
    this.#guard = guard;
    const stream = transport.open(options, sendLimit);
    this.#stream = stream;
    stream.setNoDelay(true);
    stream.on(transport.readyEvent, () => this.#onReady());
    stream.on("data", (bytes) => this.#onData(bytes));
    stream.on("end", () => this.#onEnd());
    stream.on("error", (error) => {
      const progress = { isReady: this.#isReady, hasReceived: this.#hasReceived };
      this.#fail(transport.reasonOf(error, stream, progress));
    });
    stream.on("close", onGone);
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const count = this.#received.read(into, offset, length);
    const { unread } = this.#received;
    if (this.#stream.isPaused() && unread <= receiveLimit / 2) this.#stream.resume();
    if (this.#hasEnded && unread === 0) setImmediate(() => this.#fail("connection-closed"));
    return count;
  }

  write(from: Uint8Array, offset: number, length: number): number {
    if (length > this.#writable) throw new RangeError(`write: ${length} bytes, but ${this.#writable} are writable`);
    if (length === 0 || this.#isClosed || this.#hasEnded) return this.#writable;
    this.#stream.write(Buffer.from(from.subarray(offset, offset + length)), () => this.#onFlushed());
    return this.#writable;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isReady || this.#stream.closed) {
      this.#stream.destroy();
      return;
    }
    this.#stream.resume();
    this.#stream.destroySoon();
    const linger = setTimeout(() => this.#stream.destroy(), lingerPeriod);
    this.#stream.on("close", () => clearTimeout(linger));
  }

  get #writable(): number {
    return this.#isReady ? Math.max(0, sendLimit - this.#stream.writableLength) : 0;
  }

  #onReady(): void {
    this.#isReady = true;
    this.#call(() => this.#options.onWritable(this.#writable));
  }

  #onFlushed(): void {
    if (this.#stream.writableLength === 0) this.#call(() => this.#options.onWritable(this.#writable));
  }

  #onData(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#hasReceived = true;
    this.#received.append(bytes);
    if (this.#received.unread > receiveLimit) this.#stream.pause();
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
      this.#stream.destroy();
      this.#options.onError(reason);
    });
  }

  #call(callback: () => void): void {
    if (!this.#isClosed) this.#guard.enter(callback);
  }
}

/** The sockets of one firmware, over TCP and over TLS. */
export class NodeSockets {
  readonly #guard: Guard;
  readonly #open = new Set<NodeSocket>();

  constructor(guard: Guard) {
    this.#guard = guard;
    guard.onClose(() => {
      for (const socket of this.#open) socket.close();
    });
  }

  /** Throws `TypeError` and `RangeError` for malformed options only. */
  readonly connect: SocketFactory = (options) => this.#connect(options, tcp);

  readonly secure: SecureSocketFactory = (tlsOptions) => {
    const tls = createTls(tlsOptions);
    return (options) => this.#connect(options, tls);
  };

  #connect(options: SocketOptions, transport: Transport): Socket {
    if (typeof options.host !== "string") throw new TypeError("host: not a string");
    if (options.host.length === 0) throw new RangeError("host: empty");
    if (!Number.isInteger(options.port) || options.port < 1 || options.port > 65_535)
      throw new RangeError("port: not an integer from 1 to 65535");
    const socket: NodeSocket = new NodeSocket(options, transport, this.#guard, () => this.#open.delete(socket));
    this.#open.add(socket);
    return socket;
  }
}
