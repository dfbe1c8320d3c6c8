// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import {
  type AccessPoint,
  type Clock,
  Connection,
  type NetworkInterface,
  type Timer,
} from "../../modules/core/ports.js";

/** Scan, association and four-way handshake, then DHCP: the order of magnitude of a good day. */
const associationPeriod = 150;
const addressPeriod = 50;

/**
 * Wi-Fi for a host that is on the network anyway. Without a script any access point accepts any password; `air` says which
 * ones exist, `drop` takes the connection away.
 */
export class SimulatedWifi implements NetworkInterface {
  onChanged: ((reason: Reason | undefined) => void) | undefined = undefined;
  readonly #timer: Timer;
  #connection: Connection = Connection.disconnected;
  #target: AccessPoint | undefined;
  #fall: Reason | undefined;
  #air: readonly AccessPoint[] | undefined;

  constructor(clock: Clock) {
    this.#timer = clock.timer(() => this.#advance());
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** There is no radio whose strength could be reported. */
  get RSSI(): undefined {
    return undefined;
  }

  get address(): string | undefined {
    return this.#connection >= Connection.addressed ? "127.0.0.1" : undefined;
  }

  connect(accessPoint: AccessPoint): void {
    this.#target = accessPoint;
    this.#fall = undefined;
    this.#connection = Connection.connecting;
    this.#timer.start(associationPeriod);
  }

  disconnect(): void {
    this.#target = undefined;
    this.#fall = undefined;
    this.#connection = Connection.disconnected;
    this.#timer.stop();
  }

  /** The access points that exist from now on; undefined means: every one that is asked for. */
  set air(accessPoints: readonly AccessPoint[] | undefined) {
    this.#air = accessPoints;
  }

  /** Takes the connection away, as an access point that loses its power does. */
  drop(reason: Reason = "wifi-lost"): void {
    if (this.#target === undefined) return;
    this.#fall = reason;
    this.#timer.start(0);
  }

  #advance(): void {
    const reason = this.#fall ?? this.#refusal();
    if (reason !== undefined) {
      this.#target = undefined;
      this.#fall = undefined;
      this.#connection = Connection.disconnected;
      this.onChanged?.(reason);
    } else if (this.#connection === Connection.connecting) {
      this.#connection = Connection.linked;
      this.#timer.start(addressPeriod);
      this.onChanged?.(undefined);
    } else {
      this.#connection = Connection.addressed;
      this.onChanged?.(undefined);
    }
  }

  #refusal(): Reason | undefined {
    if (this.#air === undefined) return undefined;
    const found = this.#air.find((accessPoint) => accessPoint.SSID === this.#target?.SSID);
    if (found === undefined) return "wifi-not-found";
    return found.password === this.#target?.password ? undefined : "wifi-refused";
  }
}
