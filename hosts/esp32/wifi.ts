// SPDX-License-Identifier: Apache-2.0

import WiFi from "embedded:network/interface/wifi";
import type { Reason } from "../../modules/core/errors.js";
import {
  type AccessPoint,
  type Clock,
  Connection,
  type NetworkInterface,
  type Timer,
} from "../../modules/core/ports.js";
import type { Guard } from "../xs/guard.js";
import type { Chip } from "./chip.js";
import { reasonOfDisconnection } from "./wifi-reason.js";

/** ECMA-419 leaves the numbers of `connection` to the implementation; these are the SDK's. */
const sdkConnection = Object.freeze({ connecting: 300, linked: 400, addressed: 500 } as const);

/** Within this time ESP-IDF reports the end of a connection that was given up, which must not end the next attempt. */
const settlePeriod = 200;

export class ChipWifi implements NetworkInterface {
  onChanged: ((reason: Reason | undefined) => void) | undefined = undefined;
  readonly #chip: Chip;
  readonly #wifi: WiFi;
  readonly #timer: Timer;
  #target: AccessPoint | undefined = undefined;
  #hasToSettle = false;

  constructor(chip: Chip, clock: Clock, guard: Guard) {
    this.#chip = chip;
    this.#timer = clock.timer(() => this.#connect());
    chip.xsthing_watch_wifi();
    this.#wifi = new WiFi({ onChanged: () => guard.enter(this.#report, undefined) });
  }

  get connection(): Connection {
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
    this.#timer.start(this.#hasToSettle ? settlePeriod : 0);
  }

  disconnect(): void {
    this.#target = undefined;
    this.#timer.stop();
    this.#hasToSettle = true;
    this.#wifi.disconnect();
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
    const isDown = this.#wifi.connection < sdkConnection.connecting;
    this.onChanged?.(isDown ? reasonOfDisconnection(this.#chip.xsthing_take_wifi_reason()) : undefined);
  };
}
