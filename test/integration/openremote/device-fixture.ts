// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "@jest/globals";
import { createMachine } from "../../../hosts/node/machine.js";
import type { DeviceConfig } from "../../../modules/device/config.js";
import type { OpenRemoteConfig } from "../../../modules/device/config-openremote.js";
import { Device } from "../../../modules/device/device.js";
import { hasty } from "../../fakes/hasty-clock.js";
import { FakeLog, type LogEntry } from "../../fakes/log.js";
import type { OpenRemote } from "../../fakes/openremote/open-remote.js";
import { secret } from "./manager-fixture.js";

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

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

/** A folder that stands for a board's flash until the test is over. */
export function flashFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "xsthing-openremote-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A device of the manager, not started. */
export function boot({ manager, openremote, config = {}, haste = 1, folder = flashFolder() }: BootOptions): Boot {
  const log = new FakeLog();
  const machine = createMachine({
    folder,
    format: (entry) => JSON.stringify(entry),
    writeLine: (line) => {
      const { level, event, detail, reason } = JSON.parse(line) as LogEntry;
      log.write(level, event, detail, reason);
    },
    onEnd: () => {},
    engine: "V8",
    measureEngine: () => {},
  });
  // Before the device, which may not come into being.
  cleanups.push(() => machine.stop());
  const clock = haste === 1 ? machine.clock : hasty(machine.clock, haste);
  const credentials = { userName: "device", password: secret, clientId: "thing" };
  const device = new Device(
    { ...machine, clock },
    {
      server: { platform: "openremote", host: "127.0.0.1", port: manager.port },
      openremote,
      ...(openremote.provisioning === undefined && { credentials }),
      wifi: [{ SSID: "simulated" }],
      session: { transmitBuffer: 8_192, receiveBuffer: 8_192 },
      ...config,
    },
  );
  cleanups.push(() => device.stop());
  const stop = (): void => {
    device.stop();
    machine.stop();
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

export function pause(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}

/** Polls until it is true; after `limit` milliseconds it throws. */
export async function until(what: string, isTrue: () => boolean, limit = 8_000): Promise<void> {
  const end = Date.now() + limit;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`still not after ${limit} ms: ${what}`);
    await pause(5);
  }
}
