// SPDX-License-Identifier: Apache-2.0

import TCP from "embedded:io/socket/tcp";
import SdkTimer from "timer";
import { ReceiveBuffer } from "../node/receive-buffer.js";
import type { OpenTcp, Tcp, TcpOptions } from "../xs/tcp.js";

/** With more than this unread the rest is left to the SDK's socket, and so to TCP's own flow control. */
const receiveLimit = 16_384;

/**
 * The SDK's socket, emptied as soon as something arrives. On Linux the SDK forgets to report the end of a connection when
 * there were bytes unread at that moment; on the chip it does not, and there is no memory for this either.
 */
class DrainedTcp implements Tcp {
  readonly #options: TcpOptions;
  readonly #tcp: Tcp;
  readonly #received = new ReceiveBuffer();
  #waiting = 0;
  #hasEnded = false;
  #isClosed = false;

  constructor(options: TcpOptions) {
    this.#options = options;
    // The SDK's typings disagree about `write`, which returns what is still writable (T7).
    this.#tcp = new TCP({
      address: options.address,
      port: options.port,
      nodelay: options.nodelay,
      onReadable: (count) => this.#drain(count),
      onWritable: (count) => options.onWritable(count),
      onError: () => this.#end(),
    }) as unknown as Tcp;
  }

  read(into: Uint8Array): void {
    this.#received.read(into, 0, into.length);
    if (this.#waiting > 0 && this.#received.unread < receiveLimit / 2) this.#drainSoon();
    if (this.#hasEnded && this.#received.unread === 0) SdkTimer.set(() => this.#reportEnd());
  }

  write(from: Uint8Array): number | undefined {
    return this.#tcp.write(from);
  }

  close(): void {
    this.#isClosed = true;
    this.#tcp.close();
  }

  /** The SDK calls this once more after a `close` inside `onWritable`. */
  #drain(count: number): void {
    if (this.#isClosed) return;
    this.#waiting = count;
    if (this.#received.unread >= receiveLimit) return;
    const piece = new Uint8Array(count);
    this.#tcp.read(piece);
    this.#waiting = 0;
    this.#received.append(piece);
    this.#options.onReadable(this.#received.unread);
  }

  #drainSoon(): void {
    const count = this.#waiting;
    this.#waiting = 0;
    SdkTimer.set(() => this.#drain(count));
  }

  #end(): void {
    this.#hasEnded = true;
    if (this.#received.unread === 0) this.#reportEnd();
  }

  #reportEnd(): void {
    if (!this.#isClosed) this.#options.onError();
  }
}

export const openDrainedTcp: OpenTcp = (options) => new DrainedTcp(options);
