// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "@jest/globals";
import { createMachine } from "../../../hosts/node/machine.js";
import type { DeviceConfig } from "../../../modules/device/config.js";
import { Device } from "../../../modules/device/device.js";
import { demoDevice, demoGateway, type ServerOptions } from "../../../server/server.js";
import { hasty } from "../../fakes/hasty-clock.js";
import { FakeLog, type LogEntry } from "../../fakes/log.js";
import { startFixture } from "../server/fixture.js";

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

export interface GatewayOptions {
  readonly server?: ServerOptions;
  readonly config?: Partial<DeviceConfig>;
  /** The device's clock runs so many times as fast. */
  readonly haste?: number;
  /** Connects as the demo device, which is no gateway. */
  readonly isPlain?: boolean;
}

/** A server of its own for one test, and a device that is its demo gateway, not started. */
export async function startGatewayDevice({ server, config, haste = 1, isPlain = false }: GatewayOptions = {}) {
  const fixture = await startFixture(server);
  const { rest, events } = fixture;
  const folder = mkdtempSync(join(tmpdir(), "xsthing-gateway-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
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
      server: { host: "127.0.0.1", port: fixture.server.mqttPort },
      credentials: { token: isPlain ? demoDevice.token : demoGateway.token },
      wifi: [{ SSID: "simulated" }],
      gateway: { maxChildren: 250 },
      ...config,
    },
  );
  cleanups.push(() => {
    device.stop();
    machine.stop();
  });
  const idOf = async (name: string): Promise<string> => {
    return (await rest.call("GET", `/tenant/devices?deviceName=${encodeURIComponent(name)}`)).id.id;
  };
  const isConnected = (name: string): boolean => {
    const own = events.filter(
      (each) => each.event.startsWith("subdevice.") && "device" in each && each.device === name,
    );
    return own.at(-1)?.event === "subdevice.connected";
  };
  const share = async (name: string, attributes: object): Promise<void> => {
    await rest.call("POST", `/plugins/telemetry/DEVICE/${await idOf(name)}/SHARED_SCOPE`, attributes);
  };
  return { ...fixture, device, log, idOf, isConnected, share };
}

/** Polls until it is true; after `limit` milliseconds it throws. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, limit = 10_000): Promise<void> {
  const end = Date.now() + limit;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`still not after ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
