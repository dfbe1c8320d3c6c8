// SPDX-License-Identifier: Apache-2.0

import type { DeviceConfig } from "../../../modules/device/config.js";
import { Device } from "../../../modules/device/device.js";
import { demoDevice } from "../../../server/server.js";
import { FakeLog } from "../../fakes/log.js";
import { afterTest, startBoard } from "../board.js";

export interface Boot {
  readonly device: Device;
  readonly log: FakeLog;
  /** Switches the board off in good order. */
  stop(): void;
}

/** The demo device on a board with this flash, not started. With a haste of n its clock runs n times as fast. */
export function boot(folder: string, port: number, telemetry: DeviceConfig["telemetry"] = {}, haste = 1): Boot {
  const log = new FakeLog();
  const board = startBoard(folder, (entry) => log.entries.push(entry), haste);
  const device = new Device(board, {
    server: { host: "127.0.0.1", port },
    credentials: { token: demoDevice.token },
    wifi: [{ SSID: "simulated" }],
    session: { transmitBuffer: 8_192 },
    telemetry,
  });
  const stop = (): void => {
    device.stop();
    board.stop();
  };
  afterTest(stop);
  return { device, log, stop };
}
