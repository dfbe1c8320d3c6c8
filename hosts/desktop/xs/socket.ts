// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../../modules/core/errors.js";
import type { Clock, Socket, SocketOptions, Timer, TlsOptions } from "../../../modules/core/ports.js";
import { ReceiveBuffer } from "../../node/receive-buffer.js";
import { writeTls } from "../tls-fields.js";
import { effects, type WireWriter } from "../wire.js";

/** The machine's end of a socket that the board holds. */
export class XsSocket implements Socket {
  readonly #handle: number;
  readonly #options: SocketOptions;
  readonly #outbox: WireWriter;
  readonly #onClose: (handle: number) => void;
  readonly #clock: Clock;
  /** Made when it is needed: the clock keeps every timer for ever. */
  #failTimer: Timer | undefined;
  readonly #received = new ReceiveBuffer();
  #writable = 0;
  #failure: Reason | undefined;
  #isClosed = false;

  /** Without `tls` it is a socket over TCP. */
  constructor(
    handle: number,
    options: SocketOptions,
    tls: TlsOptions | undefined,
    outbox: WireWriter,
    clock: Clock,
    onClose: (handle: number) => void,
  ) {
    this.#handle = handle;
    this.#options = options;
    this.#outbox = outbox;
    this.#onClose = onClose;
    this.#clock = clock;
    if (tls === undefined) outbox.byte(effects.open);
    else writeTls(outbox.byte(effects.openSecure), tls);
    outbox.integer(handle).integer(options.port).text(options.host);
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const count = this.#received.read(into, offset, length);
    if (count > 0 && !this.#isClosed) this.#outbox.byte(effects.consumed).integer(this.#handle).integer(count);
    if (this.#failure !== undefined && this.#received.unread === 0) this.#failLater();
    return count;
  }

  write(from: Uint8Array, offset: number, length: number): number {
    if (length > this.#writable) throw new RangeError(`write: ${length} bytes, but ${this.#writable} are writable`);
    if (length === 0 || this.#isClosed) return this.#writable;
    this.#writable -= length;
    this.#outbox
      .byte(effects.write)
      .integer(this.#handle)
      .bytes(from.subarray(offset, offset + length));
    return this.#writable;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failTimer?.stop();
    this.#outbox.byte(effects.close).integer(this.#handle);
    this.#onClose(this.#handle);
  }

  /** From the board. */
  receive(bytes: Uint8Array): void {
    this.#received.append(bytes);
    this.#options.onReadable(this.#received.unread);
  }

  /** From the board. */
  becomeWritable(count: number): void {
    this.#writable = count;
    this.#options.onWritable(count);
  }

  /** From the board. The error is terminal, so it waits until everything that came before it was read. */
  failWith(reason: Reason): void {
    this.#failure = reason;
    if (this.#received.unread === 0) this.#fail();
  }

  #failLater(): void {
    this.#failTimer ??= this.#clock.timer(() => this.#fail());
    this.#failTimer.start(0);
  }

  #fail(): void {
    if (this.#failure !== undefined && !this.#isClosed) this.#options.onError(this.#failure);
  }
}
