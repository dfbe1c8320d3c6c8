// SPDX-License-Identifier: Apache-2.0

import { XsClock } from "../../hosts/desktop/xs/clock.js";
import { createRandom } from "../../hosts/desktop/xs/random.js";
import { text } from "../../hosts/desktop/xs/text.js";
import { DeviceError } from "../../modules/core/errors.js";
import { Connection, type Host, type Milliseconds, type NetworkInterface } from "../../modules/core/ports.js";
import { Device } from "../../modules/device/device.js";
import type { CountingFlash } from "./flash.js";
import { Peer } from "./peer.js";

const epoch: Milliseconds = 1_767_225_600_000;

/** Always there; each device gets its own, for it keeps the device's callback. */
function makeWifi(): NetworkInterface {
  return {
    connection: Connection.addressed,
    RSSI: -50,
    address: "192.0.2.1",
    onChanged: undefined,
    connect: () => undefined,
    disconnect: () => undefined,
  };
}

/** A whole device inside the machine, with simulated time and a peer that costs next to nothing. */
export class Rig {
  readonly clock = new XsClock();
  readonly peer: Peer;
  readonly #host: Host;
  readonly #config: object;
  #device: Device | undefined;
  #isLive = false;

  /** `config` are sections of the configuration. Without a flash, opening its partition fails. */
  constructor(roundTrip: Milliseconds, config: object, flash: CountingFlash | undefined) {
    const { clock } = this;
    this.peer = new Peer(clock, roundTrip);
    this.#config = {
      server: { host: "broker", port: 1_883 },
      credentials: { token: "token" },
      wifi: [{ SSID: "network" }],
      ...config,
      firmware: { title: "bench", version: "1" },
      software: { title: "bench application", version: "1" },
    };
    const time = clock.timer(() => onTime(epoch + clock.now));
    let onTime: (now: Milliseconds) => void;
    this.#host = {
      clock,
      time: {
        request: (callback) => {
          onTime = callback;
          time.start(10);
        },
      },
      random: createRandom(1, 2, 3, 4),
      text,
      connect: this.peer.connect,
      secure: () => this.peer.connect,
      wifi: makeWifi(),
      storage: { read: () => undefined, write: () => undefined, delete: () => false },
      openFlash: () => {
        if (flash === undefined) throw new DeviceError("storage-failed");
        return flash;
      },
      bootLoader: {
        ...{ running: "ota_0", next: "ota_1", isOnTrial: false, isNextRejected: false },
        select: () => undefined,
        confirm: () => undefined,
      },
      applicationSlot: { running: "xs", next: "xs_next", load: () => undefined },
      system: {
        identity: "020000000001",
        resetReason: "power-on",
        description: "bench",
        measure: () => undefined,
        indicate: () => undefined,
        restart: () => undefined,
      },
      log: {
        write: (_level, event) => {
          if (event === "session.live") this.#isLive = true;
          if (event === "session.disconnected") this.#isLive = false;
        },
      },
    };
  }

  get device(): Device {
    if (this.#device === undefined) throw new Error("no device yet");
    return this.#device;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Makes the device, with handlers as an application has them. */
  make(): void {
    this.#device = new Device(this.#host, this.#config);
    this.#device.attributes.onShared("period", () => undefined);
    this.#device.rpc.handle("getVitals", {}, () => ({ uptime: 1 }));
  }

  /** Lets simulated time pass, with everything that falls due on its way. */
  advance(span: Milliseconds): void {
    const { clock } = this;
    const end = clock.now + span;
    for (let due = clock.nextDue; due !== undefined && due <= end; due = clock.nextDue) {
      clock.now = Math.max(clock.now, due);
      clock.run();
    }
    clock.now = end;
  }
}
