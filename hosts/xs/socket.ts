// SPDX-License-Identifier: Apache-2.0

import SdkTimer from "timer";
import type { Reason } from "../../modules/core/errors.js";
import type { Socket, SocketFactory, SocketOptions } from "../../modules/core/ports.js";
import { literalAddress } from "./address.js";
import type { Guard } from "./guard.js";
import { askNameServer } from "./name-server.js";
import type { Resource, Resources } from "./resource.js";
import type { OpenTcp, Tcp } from "./tcp.js";

/** TCP with a name instead of an address, reasons, and errors that are called back instead of thrown. */
class XsSocket implements Socket, Resource {
  readonly #options: SocketOptions;
  readonly #guard: Guard;
  readonly #openTcp: OpenTcp;
  readonly #resources: Resources | undefined;
  #tcp: Tcp | undefined;
  #unread = 0;
  #writable = 0;
  #isConnected = false;
  #isClosed = false;

  constructor(options: SocketOptions, guard: Guard, open: OpenTcp, resources: Resources | undefined) {
    this.#options = options;
    this.#guard = guard;
    this.#openTcp = open;
    this.#resources = resources;
    resources?.add(this);
    const address = literalAddress(options.host);
    if (address === undefined) this.#resolve();
    else this.#open(address);
  }

  /** A view per read is the one thing that is allocated: the SDK fills whole buffers. */
  read(into: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.#unread, into.length - offset);
    if (count <= 0 || this.#tcp === undefined) return 0;
    try {
      this.#tcp.read(into.subarray(offset, offset + count));
    } catch {
      this.#failSoon("connection-reset");
      return 0;
    }
    this.#unread -= count;
    return count;
  }

  write(from: Uint8Array, offset: number, length: number): number {
    if (length > this.#writable) throw new RangeError(`write: ${length} bytes, but ${this.#writable} are writable`);
    if (length === 0 || this.#tcp === undefined) return this.#writable;
    this.#writable = this.#write(this.#tcp, from.subarray(offset, offset + length));
    return this.#writable;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#resources?.delete(this);
    this.#tcp?.close();
    this.#tcp = undefined;
    this.#unread = 0;
    this.#writable = 0;
  }

  #write(tcp: Tcp, view: Uint8Array): number {
    try {
      const writable = tcp.write(view);
      if (writable !== undefined) return writable;
    } catch {
      // Out of memory in the network stack is the end of a connection too.
    }
    this.#failSoon("connection-reset");
    return 0;
  }

  #resolve(): void {
    try {
      askNameServer(this.#guard, this.#options.host, this.#onResolved);
    } catch {
      this.#failSoon("dns-failed");
    }
  }

  readonly #onResolved = (address: string | undefined): void => {
    if (this.#isClosed) return;
    if (address === undefined) this.#fail("dns-failed");
    else this.#open(address);
  };

  #open(address: string): void {
    const guard = this.#guard;
    try {
      this.#tcp = this.#openTcp({
        address,
        name: this.#options.host,
        port: this.#options.port,
        nodelay: true,
        onReadable: (count) => guard.enter(this.#onReadable, count),
        onWritable: (count) => guard.enter(this.#onWritable, count),
        onError: (reason) => guard.enter(this.#onError, reason),
      });
    } catch {
      this.#failSoon("out-of-memory");
    }
  }

  readonly #onReadable = (count: number): void => {
    if (this.#isClosed) return;
    this.#unread = count;
    this.#options.onReadable(count);
  };

  readonly #onWritable = (count: number): void => {
    if (this.#isClosed) return;
    this.#isConnected = true;
    this.#writable = count;
    this.#options.onWritable(count);
  };

  readonly #onError = (reason: Reason | undefined): void =>
    this.#fail(reason ?? (this.#isConnected ? "connection-closed" : "connect-refused"));

  /** For what fails inside a call, where no callback may run. */
  #failSoon(reason: Reason): void {
    this.#writable = 0;
    SdkTimer.set(() => this.#guard.enter(this.#failWith, reason));
  }

  readonly #failWith = (reason: Reason): void => this.#fail(reason);

  #fail(reason: Reason): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onError(reason);
  }
}

/** Sockets over TCP, or what looks like it. Throws `TypeError` and `RangeError` for malformed options only. */
export function createSocketFactory(guard: Guard, open: OpenTcp, resources?: Resources): SocketFactory {
  return (options) => {
    if (typeof options.host !== "string") throw new TypeError("host: not a string");
    if (options.host.length === 0) throw new RangeError("host: empty");
    if (!Number.isInteger(options.port) || options.port < 1 || options.port > 65_535)
      throw new RangeError("port: not an integer from 1 to 65535");
    return new XsSocket(options, guard, open, resources);
  };
}
