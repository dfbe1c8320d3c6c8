// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import {
  type AccessPoint,
  type Clock,
  Connection,
  type NetworkInterface,
  type Timer,
} from "../../modules/core/ports.js";
import type { Guard } from "../xs/guard.js";
import { reasonOfDisconnection } from "./wifi-reason.js";

/** ECMA-419 leaves the numbers of `connection` to the implementation; these are the SDK's. */
const sdkConnection = Object.freeze({ connecting: 300, linked: 400, addressed: 500 } as const);

/** Within this time ESP-IDF reports the end of a connection that was given up, which must not end the next attempt. */
const settlePeriod = 200;

/** So long what was written just before, as the goodbye to the server, has to leave: without the address lwIP ends every connection. */
const farewellPeriod = 100;

/** The functions of native/chip.c about Wi-Fi. */
export interface WifiReasons {
  xsthing_watch_wifi(): void;
  xsthing_take_wifi_reason(): number;
}

/** The part of the SDK's interface that is used. */
export interface SdkWifi {
  readonly connection: number;
  readonly RSSI: number | undefined;
  readonly address: string | undefined;
  connect(accessPoint: AccessPoint): void;
  disconnect(): void;
}

export type OpenWifi = (options: { onChanged: () => void }) => SdkWifi;

export class ChipWifi implements NetworkInterface {
  onChanged: ((reason: Reason | undefined) => void) | undefined = undefined;
  readonly #chip: WifiReasons;
  readonly #wifi: SdkWifi;
  /** Ends the farewell, or begins the attempt: there is one of them at a time. */
  readonly #timer: Timer;
  #target: AccessPoint | undefined = undefined;
  #isLeaving = false;
  #hasToSettle = false;

  constructor(chip: WifiReasons, clock: Clock, guard: Guard, open: OpenWifi) {
    this.#chip = chip;
    this.#timer = clock.timer(() => this.#onTimer());
    chip.xsthing_watch_wifi();
    this.#wifi = open({ onChanged: () => guard.enter(this.#report, undefined) });
  }

  get connection(): Connection {
    if (this.#isLeaving) return this.#target ? Connection.connecting : Connection.disconnected;
    const { connection } = this.#wifi;
    if (connection >= sdkConnection.addressed) return Connection.addressed;
    if (connection >= sdkConnection.linked) return Connection.linked;
    return connection >= sdkConnection.connecting || this.#target ? Connection.connecting : Connection.disconnected;
  }

  get RSSI(): number | undefined {
    return this.#wifi.RSSI;
  }

  get address(): string | undefined {
    return this.connection >= Connection.addressed ? this.#wifi.address : undefined;
  }

  connect(accessPoint: AccessPoint): void {
    if (this.#wifi.connection >= sdkConnection.connecting) this.disconnect();
    this.#target = accessPoint;
    if (!this.#isLeaving) this.#timer.start(this.#hasToSettle ? settlePeriod : 0);
  }

  disconnect(): void {
    this.#target = undefined;
    if (this.#isLeaving) return;
    this.#isLeaving = this.connection >= Connection.linked;
    if (this.#isLeaving) this.#timer.start(farewellPeriod);
    else this.#leave();
  }

  #onTimer(): void {
    if (this.#isLeaving) this.#leave();
    else this.#connect();
  }

  #leave(): void {
    this.#isLeaving = false;
    this.#hasToSettle = true;
    this.#wifi.disconnect();
    if (this.#target) this.#timer.start(settlePeriod);
    else this.#timer.stop();
  }

  #connect(): void {
    const target = this.#target;
    if (target === undefined) return;
    this.#target = undefined;
    this.#hasToSettle = false;
    this.#chip.xsthing_take_wifi_reason();
    try {
      this.#wifi.connect(target);
    } catch {
      this.onChanged?.(undefined);
    }
  }

  readonly #report = (): void => {
    if (this.#isLeaving) return;
    const isDown = this.#wifi.connection < sdkConnection.connecting;
    this.onChanged?.(isDown ? reasonOfDisconnection(this.#chip.xsthing_take_wifi_reason()) : undefined);
  };
}
