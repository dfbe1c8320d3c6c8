// SPDX-License-Identifier: Apache-2.0

import type { DeviceConfig } from "../../../modules/device/config.js";
import { Device } from "../../../modules/device/device.js";
import { demoDevice, demoGateway, type ServerOptions } from "../../../server/server.js";
import { FakeLog } from "../../fakes/log.js";
import { afterTest, flashFolder, startBoard } from "../board.js";
import { startFixture } from "../server/fixture.js";

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
  const log = new FakeLog();
  const board = startBoard(flashFolder(), (entry) => log.entries.push(entry), haste);
  const device = new Device(board, {
    server: { host: "127.0.0.1", port: fixture.server.mqttPort },
    credentials: { token: isPlain ? demoDevice.token : demoGateway.token },
    wifi: [{ SSID: "simulated" }],
    gateway: { maxChildren: 250 },
    ...config,
  });
  afterTest(() => device.stop());
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
