// SPDX-License-Identifier: Apache-2.0

import type { OpenTcp, Tcp, TcpOptions } from "../xs/tcp.js";
import { reasonOfEnd } from "./tcp-reason.js";

/**
 * The functions of native/tcp.c, in the place of the SDK's socket: that one closes a connection a second time which lwIP freed between the
 * peer's end of it and the turn in which the firmware hears of that, and so the chip panics. Nagle's algorithm is off.
 */
class ChipTcp extends Native("xs_chip_tcp_destructor") implements Tcp {
  readonly #options: TcpOptions;
  #isConnected = false;

  constructor(options: TcpOptions) {
    super();
    this.#options = options;
    native("xs_chip_tcp").call(this, options.address, options.port);
  }

  read(into: Uint8Array): void {
    native("xs_chip_tcp_read").call(this, into);
  }

  write(from: Uint8Array): number | undefined {
    return native("xs_chip_tcp_write").call(this, from);
  }

  close(): void {
    native("xs_chip_tcp_close").call(this);
  }

  /** Called by tcp.c, as the two below. */
  onReadable(count: number): void {
    this.#options.onReadable(count);
  }

  onWritable(count: number): void {
    this.#isConnected = true;
    this.#options.onWritable(count);
  }

  onEnd(error: number): void {
    this.#options.onError(reasonOfEnd(error, this.#isConnected));
  }
}

export const openChipTcp: OpenTcp = (options) => new ChipTcp(options);
