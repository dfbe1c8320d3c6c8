// SPDX-License-Identifier: Apache-2.0

import { Backoff } from "../core/backoff.js";
import type { Reason } from "../core/errors.js";
import {
  type AccessPoint,
  type Clock,
  Connection,
  type LogSink,
  type NetworkInterface,
  type Timer,
} from "../core/ports.js";
import { Tally } from "../core/tally.js";

/** Association takes up to 5 s on a crowded channel and DHCP up to 10 s with one lost packet. */
const attemptTimeout = 20_000;

/** Connected this long, the network is called stable and the backoff starts anew. */
const stablePeriod = 60_000;

const firstPause = 1_000;
const longestPause = 60_000;

export type StationState = "off" | "connecting" | "connected" | "waiting";

export interface StationOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly wifi: NetworkInterface;
  readonly log: LogSink;
  /** Tried in this order, beginning with the one that worked last. At least one. */
  readonly networks: readonly AccessPoint[];
  /** An address was assigned (true) or the network was lost (false). */
  readonly onChanged: (isConnected: boolean) => void;
}

/**
 * Brings Wi-Fi up and keeps it up for ever: each network gets one attempt per round, a round that failed is followed by a
 * pause with full jitter, and a network that is lost is tried again first.
 */
export class Station {
  readonly #wifi: NetworkInterface;
  readonly #log: LogSink;
  readonly #networks: readonly AccessPoint[];
  readonly #onChanged: (isConnected: boolean) => void;
  readonly #backoff: Backoff;
  /** Ends the attempt, the pause, or the time until the network is called stable: there is one of them at a time. */
  readonly #timer: Timer;
  /** Failed attempts and losses, by reason. */
  readonly failures = new Tally();
  #state: StationState = "off";
  #current = 0;
  #failedInRound = 0;

  constructor(options: StationOptions) {
    if (options.networks.length === 0) throw new RangeError("networks: at least one is needed");
    this.#wifi = options.wifi;
    this.#log = options.log;
    this.#networks = options.networks;
    this.#onChanged = options.onChanged;
    this.#backoff = new Backoff(options.random, firstPause, longestPause);
    this.#timer = options.clock.timer(() => this.#onTimer());
  }

  get state(): StationState {
    return this.#state;
  }

  start(): void {
    if (this.#state !== "off") return;
    this.#wifi.onChanged = (reason) => this.#onInterfaceChanged(reason);
    if (this.#wifi.connection >= Connection.addressed) this.#succeed();
    else this.#connect();
  }

  /** Idempotent. Reports the loss of a network that was connected. */
  stop(): void {
    if (this.#state === "off") return;
    const wasConnected = this.#state === "connected";
    this.#state = "off";
    this.#timer.stop();
    this.#wifi.onChanged = undefined;
    this.#wifi.disconnect();
    if (wasConnected) this.#onChanged(false);
  }

  #onTimer(): void {
    if (this.#state === "connecting") this.#fail("wifi-timeout");
    else if (this.#state === "waiting") this.#connect();
    else this.#backoff.reset();
  }

  #connect(): void {
    this.#state = "connecting";
    const network = this.#network();
    this.#log.write("info", "wifi.connecting", network.SSID);
    this.#timer.start(attemptTimeout);
    this.#wifi.connect(network);
  }

  #onInterfaceChanged(reason: Reason | undefined): void {
    const { connection } = this.#wifi;
    if (this.#state === "connecting") {
      if (connection >= Connection.addressed) this.#succeed();
      else if (connection <= Connection.disconnected) this.#fail(reason ?? "wifi-not-found");
    } else if (this.#state === "connected" && connection < Connection.addressed) this.#lose(reason ?? "wifi-lost");
  }

  #succeed(): void {
    this.#state = "connected";
    this.#failedInRound = 0;
    this.#timer.start(stablePeriod);
    const { address, RSSI } = this.#wifi;
    this.#log.write(
      "info",
      "wifi.connected",
      `${this.#network().SSID}, address ${address ?? "unknown"}, RSSI ${RSSI ?? "unknown"}`,
    );
    this.#onChanged(true);
  }

  #fail(reason: Reason): void {
    this.#timer.stop();
    this.failures.add(reason);
    this.#log.write("warning", "wifi.failed", this.#describe(reason), reason);
    this.#current = (this.#current + 1) % this.#networks.length;
    this.#failedInRound += 1;
    if (this.#failedInRound < this.#networks.length) {
      this.#wait(0);
      return;
    }
    this.#failedInRound = 0;
    this.#wait(this.#backoff.next());
  }

  #lose(reason: Reason): void {
    this.#timer.stop();
    this.failures.add(reason);
    this.#log.write("warning", "wifi.lost", this.#describe(reason), reason);
    this.#wait(this.#backoff.next());
    this.#onChanged(false);
  }

  #wait(pause: number): void {
    this.#state = "waiting";
    this.#wifi.disconnect();
    if (pause > 0) this.#log.write("info", "wifi.waiting", `next attempt in ${pause} ms`);
    this.#timer.start(pause);
  }

  #describe(reason: Reason): string {
    return `${this.#network().SSID}, count ${this.failures.of(reason)}`;
  }

  #network(): AccessPoint {
    const network = this.#networks[this.#current];
    if (network === undefined) throw new RangeError("no such network");
    return network;
  }
}
