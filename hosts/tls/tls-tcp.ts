// SPDX-License-Identifier: Apache-2.0

import SdkTimer from "timer";
import type { Reason } from "../../modules/core/errors.js";
import type { LogSink } from "../../modules/core/ports.js";
import type { Guard } from "../xs/guard.js";
import type { OpenTcp, Tcp, TcpOptions } from "../xs/tcp.js";
import { reasonOf, type TlsSession } from "./session.js";

/** As in tls.h. */
const pieceSize = 1_536;

/** Bytes that are kept free for the goodbye. */
const reserve = 64;

export interface TlsTcpOptions extends TcpOptions {
  /** Is closed with this. */
  readonly session: TlsSession;
  readonly guard: Guard;
  readonly open: OpenTcp;
  readonly log: LogSink;
}

/** TLS in the shape of TCP, so that a socket over TLS differs in nothing else. */
export class TlsTcp implements Tcp {
  readonly #options: TlsTcpOptions;
  readonly #session: TlsSession;
  readonly #tcp: Tcp;
  readonly #piece = new Uint8Array(pieceSize);
  /** Encrypted bytes that TCP has for us, and has room for. */
  #waiting = 0;
  #room = 0;
  /** Plain bytes that wait for `read`. */
  #unread = 0;
  /** What a record is longer than its content, and what fits into one. */
  #expansion = 0;
  #payload = 1;
  #isConnected = false;
  #hasShakenHands = false;
  #isReady = false;
  /** TCP has not said that it has room since something was written. */
  #hasWritten = false;
  #isFlushed = true;
  #hasEnded = false;
  #isClosed = false;

  constructor(options: TlsTcpOptions) {
    const { address, port, nodelay, name, guard } = options;
    this.#options = options;
    this.#session = options.session;
    this.#tcp = options.open({
      ...{ address, port, nodelay, name },
      onReadable: (count) => guard.enter(this.#onReadable, count),
      onWritable: (count) => guard.enter(this.#onWritable, count),
      onError: (reason) => guard.enter(this.#onError, reason),
    });
  }

  read(into: Uint8Array): void {
    if (this.#session.read(into) < into.length) throw new RangeError("read: not as many");
    this.#unread -= into.length;
    if (this.#unread === 0) SdkTimer.set(() => this.#options.guard.enter(this.#advance, undefined));
  }

  write(from: Uint8Array): number | undefined {
    return this.#session.write(from) > 0 && this.#flush() ? this.#writable : undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#hasShakenHands && this.#isFlushed && !this.#hasEnded) {
      this.#session.farewell();
      this.#flush();
    }
    this.#tcp.close();
    this.#session.close();
  }

  /** Plain bytes whose records TCP has room for. */
  get #writable(): number {
    if (!this.#isFlushed) return 0;
    const room = this.#room - reserve;
    const records = Math.ceil(room / (this.#payload + this.#expansion));
    return Math.max(0, room - records * this.#expansion);
  }

  readonly #onReadable = (count: number): void => {
    this.#waiting = count;
    this.#advance();
  };

  readonly #onWritable = (count: number): void => {
    this.#isConnected = true;
    this.#hasWritten = false;
    this.#room = count;
    if (!this.#flush()) this.#fail("connection-reset");
    else if (!this.#isReady) this.#advance();
    else if (this.#writable > 0) this.#options.onWritable(this.#writable);
  };

  readonly #onError = (reason: Reason | undefined): void => {
    if (!this.#isConnected) {
      this.#options.onError(reason);
      return;
    }
    this.#hasEnded = true;
    if (this.#unread === 0) this.#advance();
  };

  readonly #advance = (): void => {
    if (!this.#isClosed && !this.#hasShakenHands) this.#shakeHands();
    if (!this.#isClosed && this.#hasShakenHands && !this.#isReady) this.#announce();
    if (this.#isReady) this.#receive();
  };

  #shakeHands(): void {
    do {
      const result = this.#session.handshake();
      if (!this.#checkResult(result)) return;
      this.#hasShakenHands = result > 0;
    } while (!this.#hasShakenHands && this.#feed());
  }

  /** Not while the last words of the handshake are on their way: the room for bytes would not be the usual one. */
  #announce(): void {
    if (this.#hasWritten) return;
    this.#isReady = true;
    this.#expansion = this.#session.expansion;
    this.#payload = this.#session.payload;
    this.#options.onWritable(this.#writable);
  }

  /** Opens the next record when the one before was read. */
  #receive(): void {
    while (!this.#isClosed && this.#unread === 0) {
      const result = this.#session.receive();
      if (!this.#checkResult(result)) return;
      if (result > 0) {
        this.#unread = result;
        this.#options.onReadable(result);
        return;
      }
      if (!this.#feed()) return;
    }
  }

  /** Hands over what came in; false where there is nothing. */
  #feed(): boolean {
    const count = Math.min(this.#waiting, pieceSize);
    if (count === 0) {
      if (this.#hasEnded) this.#fail("connection-closed");
      return false;
    }
    const view = this.#piece.subarray(0, count);
    try {
      this.#tcp.read(view);
    } catch {
      this.#fail("connection-reset");
      return false;
    }
    this.#waiting -= count;
    this.#session.feed(view);
    return true;
  }

  /** Moves what waits to TCP, as far as that has room. False where the connection is lost. */
  #flush(): boolean {
    while (this.#room > 0) {
      const count = this.#session.take(this.#piece.subarray(0, Math.min(this.#room, pieceSize)));
      this.#isFlushed = count === 0;
      if (count === 0) return true;
      if (!this.#send(this.#piece.subarray(0, count))) return false;
    }
    this.#isFlushed = false;
    return true;
  }

  #send(view: Uint8Array): boolean {
    // On Linux the SDK's process would get SIGPIPE.
    if (this.#hasEnded) return false;
    this.#hasWritten = true;
    try {
      const room = this.#tcp.write(view);
      this.#room = room ?? 0;
      return room !== undefined;
    } catch {
      return false;
    }
  }

  /** An answer may have come of it, and after an error a word for the server. False where it was the end. */
  #checkResult(result: number): boolean {
    const isSent = this.#flush();
    if (result >= 0 && isSent) return true;
    this.#fail(result < 0 ? reasonOf(result) : "connection-reset");
    return false;
  }

  #fail(reason: Reason): void {
    const { log, onError } = this.#options;
    const code = (-this.#session.error).toString(16);
    if (!this.#hasShakenHands) log.write("warning", "host.tls", `no handshake, Mbed TLS error -0x${code}`, reason);
    onError(reason);
  }
}
