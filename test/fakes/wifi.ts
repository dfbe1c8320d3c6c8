// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import { type AccessPoint, Connection, type NetworkInterface } from "../../modules/core/ports.js";

/** A Wi-Fi interface that does what the test says, when it says so. */
export class FakeWiFi implements NetworkInterface {
  connection: Connection = Connection.disconnected;
  RSSI: number | undefined = undefined;
  address: string | undefined = undefined;
  onChanged: ((reason: Reason | undefined) => void) | undefined = undefined;
  readonly attempts: string[] = [];
  disconnects = 0;

  connect(accessPoint: AccessPoint): void {
    this.attempts.push(accessPoint.SSID);
    this.connection = Connection.connecting;
  }

  disconnect(): void {
    this.disconnects += 1;
    this.connection = Connection.disconnected;
  }

  becomeAddressed(): void {
    this.connection = Connection.linked;
    this.onChanged?.(undefined);
    this.RSSI = -61;
    this.address = "192.0.2.7";
    this.connection = Connection.addressed;
    this.onChanged?.(undefined);
  }

  fail(reason: Reason | undefined): void {
    this.connection = Connection.disconnected;
    this.onChanged?.(reason);
  }
}
