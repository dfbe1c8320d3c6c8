// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../../modules/core/errors.js";
import { type AccessPoint, Connection, type NetworkInterface } from "../../../modules/core/ports.js";
import { effects, type WireReader, type WireWriter } from "../wire.js";

/** The machine's view of the board's Wi-Fi. */
export class XsWifi implements NetworkInterface {
  onChanged: ((reason: Reason | undefined) => void) | undefined = undefined;
  readonly #outbox: WireWriter;
  #connection: Connection = Connection.disconnected;
  #RSSI: number | undefined;
  #address = "";

  constructor(outbox: WireWriter) {
    this.#outbox = outbox;
  }

  get connection(): Connection {
    return this.#connection;
  }

  get RSSI(): number | undefined {
    return this.#RSSI;
  }

  get address(): string | undefined {
    return this.#address === "" ? undefined : this.#address;
  }

  connect(accessPoint: AccessPoint): void {
    this.#become(Connection.connecting);
    this.#outbox
      .byte(effects.wifiConnect)
      .text(accessPoint.SSID)
      .text(accessPoint.password ?? "");
  }

  disconnect(): void {
    this.#become(Connection.disconnected);
    this.#outbox.byte(effects.wifiDisconnect);
  }

  /** From the board. */
  change(event: WireReader): void {
    this.#connection = event.integer() as Connection;
    this.#RSSI = event.optional();
    this.#address = event.text();
    const reason = event.text();
    this.onChanged?.(reason === "" ? undefined : (reason as Reason));
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    this.#RSSI = undefined;
    this.#address = "";
  }
}
