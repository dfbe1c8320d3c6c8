// SPDX-License-Identifier: Apache-2.0

import UDP from "embedded:io/socket/udp";
import Time from "time";
import type { Reason } from "../../modules/core/errors.js";
import type { Clock, Milliseconds, Timer, TimeSource } from "../../modules/core/ports.js";
import { literalAddress } from "../xs/address.js";
import type { Guard } from "../xs/guard.js";
import { askNameServer } from "../xs/name-server.js";
import { packetSize, port, readReply, writeRequest } from "./sntp-packet.js";

/** For name resolution and the answer. A server that needs longer than this has no use as a clock. */
const attemptTimeout = 3_000;

/** Datagrams get lost; three in a row hardly do. */
const attemptsPerServer = 3;

export interface SntpOptions {
  readonly clock: Clock;
  readonly guard: Guard;
  readonly random: () => number;
  /** Names or addresses, at least one; asked in turn. */
  readonly servers: readonly string[];
}

/** The SDK's socket, whose typings lack `close`. */
interface Datagrams {
  read(): ArrayBuffer | undefined;
  write(packet: ArrayBuffer, address: string, port: number): void;
  close(): void;
}

interface Request {
  readonly onTime: (epoch: Milliseconds) => void;
  readonly onError: (reason: Reason) => void;
}

/**
 * SNTP over UDP: one question at a time, whose answer all who asked meanwhile get. The SDK's client is not used: it knows whole seconds only, believes any datagram,
 * and one that is too short ends the XS machine.
 */
export class Sntp implements TimeSource {
  readonly #options: SntpOptions;
  readonly #timer: Timer;
  readonly #packet = new DataView(new ArrayBuffer(packetSize));
  #socket: Datagrams | undefined = undefined;
  #attempt = 0;
  #sentAt = 0;
  #waiting: Request[] = [];

  constructor(options: SntpOptions) {
    if (options.servers.length === 0) throw new RangeError("timeServers: none");
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#next());
  }

  request(onTime: (epoch: Milliseconds) => void, onError: (reason: Reason) => void): void {
    this.#waiting.push({ onTime, onError });
    if (this.#waiting.length > 1) return;
    this.#attempt = 0;
    this.#timer.start(0);
  }

  #next(): void {
    this.#close();
    const { servers } = this.#options;
    const server = servers[this.#attempt % servers.length];
    if (server === undefined || this.#attempt >= servers.length * attemptsPerServer) {
      for (const { onError } of this.#finish()) onError("time-unavailable");
      return;
    }
    this.#attempt += 1;
    this.#timer.start(attemptTimeout);
    const address = literalAddress(server);
    if (address === undefined) this.#resolve(server, this.#attempt);
    else this.#ask(address);
  }

  /** An answer that comes after its attempt is over is of no use. */
  #resolve(server: string, attempt: number): void {
    const onResolved = (address: string | undefined): void => {
      if (attempt !== this.#attempt || this.#waiting.length === 0 || this.#socket) return;
      if (address === undefined) this.#timer.start(0);
      else this.#ask(address);
    };
    try {
      askNameServer(this.#options.guard, server, onResolved);
    } catch {
      this.#timer.start(0);
    }
  }

  #ask(address: string): void {
    const { clock, guard, random } = this.#options;
    writeRequest(this.#packet, random(), random());
    try {
      const socket = new UDP({ onReadable: () => guard.enter(this.#onReadable, undefined) }) as unknown as Datagrams;
      this.#socket = socket;
      this.#sentAt = clock.ticks();
      socket.write(this.#packet.buffer as ArrayBuffer, address, port);
    } catch {
      // No socket or no route: the attempt's timer goes on.
    }
  }

  readonly #onReadable = (): void => {
    for (let bytes = this.#socket?.read(); bytes !== undefined; bytes = this.#socket?.read()) {
      const sent = readReply(new DataView(bytes), this.#packet);
      if (sent === undefined) continue;
      const epoch = sent + Math.round(this.#options.clock.elapsed(this.#sentAt) / 2);
      // For the log and for the dates of certificates; the firmware keeps its own offset.
      Time.set(Math.round(epoch / 1_000));
      for (const { onTime } of this.#finish()) onTime(epoch);
    }
  };

  /** Those who wait for an answer, who from now on do not. */
  #finish(): readonly Request[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#timer.stop();
    this.#close();
    return waiting;
  }

  #close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}
