// SPDX-License-Identifier: Apache-2.0

import type { DeviceConfig } from "../../../modules/device/config.js";
import type { OpenRemoteConfig } from "../../../modules/device/config-openremote.js";
import { Device } from "../../../modules/device/device.js";
import { FakeLog, type LogEntry } from "../../fakes/log.js";
import type { OpenRemote } from "../../fakes/openremote/open-remote.js";
import { afterTest, flashFolder, startBoard } from "../board.js";
import { secret } from "./manager-fixture.js";

export interface Boot {
  readonly device: Device;
  readonly log: FakeLog;
  stop(): void;
}

export interface BootOptions {
  readonly manager: OpenRemote;
  readonly openremote: OpenRemoteConfig;
  /** Default those of the fixture's user, as "thing". */
  readonly config?: Partial<DeviceConfig>;
  /** Its clock runs so many times as fast. Default 1. */
  readonly haste?: number;
  readonly folder?: string;
}

/** A device of the manager, not started. */
export function boot({ manager, openremote, config = {}, haste = 1, folder = flashFolder() }: BootOptions): Boot {
  const log = new FakeLog();
  const board = startBoard(folder, (entry) => log.entries.push(entry), haste);
  const credentials = { userName: "device", password: secret, clientId: "thing" };
  const device = new Device(board, {
    server: { platform: "openremote", host: "127.0.0.1", port: manager.port },
    openremote,
    ...(openremote.provisioning === undefined && { credentials }),
    wifi: [{ SSID: "simulated" }],
    session: { transmitBuffer: 8_192, receiveBuffer: 8_192 },
    ...config,
  });
  afterTest(() => device.stop());
  const stop = (): void => {
    device.stop();
    board.stop();
  };
  return { device, log, stop };
}

/** What was logged of an event. */
export function logged({ log }: Boot, event: string): LogEntry[] {
  return log.entries.filter((entry) => entry.event === event);
}

export function isLive(here: Boot, times = 1): boolean {
  return logged(here, "session.live").length >= times;
}
