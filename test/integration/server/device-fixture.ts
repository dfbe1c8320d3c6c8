import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "@jest/globals";
import { createMachine } from "../../../hosts/node/machine.js";
import type { DeviceConfig } from "../../../modules/device/config.js";
import { Device } from "../../../modules/device/device.js";
import { demoDevice } from "../../../server/server.js";
import { hasty } from "../../fakes/hasty-clock.js";
import { FakeLog, type LogEntry } from "../../fakes/log.js";

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A folder that stands for a board's flash until the test is over. */
export function flashFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "xsthing-backlog-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

export interface Boot {
  readonly device: Device;
  readonly log: FakeLog;
  /** Switches the board off in good order. */
  stop(): void;
}

/** The demo device on a board with this flash, not started. With a haste of n its clock runs n times as fast. */
export function boot(folder: string, port: number, telemetry: DeviceConfig["telemetry"] = {}, haste = 1): Boot {
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
  const clock = haste === 1 ? machine.clock : hasty(machine.clock, haste);
  const device = new Device(
    { ...machine, clock },
    {
      server: { host: "127.0.0.1", port },
      credentials: { token: demoDevice.token },
      wifi: [{ SSID: "simulated" }],
      session: { transmitBuffer: 8_192 },
      telemetry,
    },
  );
  const stop = (): void => {
    device.stop();
    machine.stop();
  };
  cleanups.push(stop);
  return { device, log, stop };
}

export function pause(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}

/** Polls until it is true; after `limit` milliseconds it throws. */
export async function until(what: string, isTrue: () => boolean, limit: number): Promise<void> {
  const end = Date.now() + limit;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`still not after ${limit} ms: ${what}`);
    await pause(10);
  }
}
