// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../../modules/core/errors.js";
import { Connection, type Host, type Milliseconds } from "../../../modules/core/ports.js";
import type { DeviceConfig } from "../../../modules/device/config.js";
import type { ProvisioningConfig } from "../../../modules/device/config-server.js";
import { Device } from "../../../modules/device/device.js";
import { FakeClock } from "../../fakes/clock.js";
import { PowerCut } from "../../fakes/flash.js";
import { FakeLog } from "../../fakes/log.js";
import { ScriptedServer } from "../../fakes/scripted-server.js";
import { FakeNetwork, type FakeSocket } from "../../fakes/socket.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";
import { FakePlatform, type Guest } from "./platform.js";

export const identity = "0123456789ab";
export const second: Milliseconds = 1_000;
export const minute: Milliseconds = 60_000;
export const hour: Milliseconds = 3_600_000;

/** A device that is provisioned by a platform, both with all that is between them, in virtual time. The device can lose its power. */
export class World {
  readonly platform = new FakePlatform();
  readonly storage = new FakeStorage();
  /** Of all boots. */
  readonly log = new FakeLog();
  readonly config: DeviceConfig;
  /** Called before each packet that the platform takes and each moment at which the device acts; the count is of the boot. */
  onStep: (count: number) => void = () => {};
  /** Whether there is an access point within reach. */
  hasAccessPoint = true;
  /** Socket options of the latest boot that went to TLS. */
  tlsConnections = 0;
  /** When the latest boot opened a socket. */
  readonly attempts: Milliseconds[] = [];
  device!: Device;
  clock!: FakeClock;
  #wifi!: FakeWiFi;
  #network!: FakeNetwork;
  #guests = new Map<FakeSocket, Guest>();
  #certificates = new Map<FakeSocket, string | undefined>();
  #steps = 0;
  #state = 1;
  #isDead = false;

  constructor(provisioning: Partial<ProvisioningConfig> = {}, changes: Partial<DeviceConfig> = {}) {
    this.config = {
      server: { host: "server.test" },
      provisioning: { key: this.platform.deviceKey, secret: this.platform.deviceSecret, ...provisioning },
      wifi: [{ SSID: "home", password: "wifi-password" }],
      ...changes,
    };
  }

  /** Steps of the latest boot. */
  get steps(): number {
    return this.#steps;
  }

  /** The power went in the middle of something. */
  get isDead(): boolean {
    return this.#isDead || this.storage.isCut;
  }

  get isLive(): boolean {
    return this.platform.live.size > 0;
  }

  /** Sockets that the device has open. */
  get openSockets(): number {
    return this.#network.sockets.filter((socket) => !socket.isClosed).length;
  }

  /** Switches the device on, without starting it where a test wants that. */
  boot(isStarted = true): void {
    this.storage.restore();
    this.#isDead = false;
    this.#steps = 0;
    this.attempts.length = 0;
    this.tlsConnections = 0;
    this.platform.live.clear();
    this.platform.underWay.length = 0;
    this.clock = new FakeClock();
    this.#wifi = new FakeWiFi();
    this.#network = new FakeNetwork();
    this.#guests.clear();
    this.#certificates.clear();
    this.#guarded(() => {
      this.device = new Device(this.#host(), this.config);
      if (isStarted) this.device.start();
    });
  }

  /** The device lives for so long, or until `isOver`, or until its power goes. */
  run(span: Milliseconds, isOver: () => boolean = () => false): void {
    const end = this.clock.now + span;
    while (!this.isDead && !isOver()) {
      this.#pump();
      if (isOver()) return;
      const pending = Math.min(this.clock.pending ?? Number.POSITIVE_INFINITY, this.#untilReply);
      if (this.clock.now + pending > end) break;
      this.#step();
      this.#guarded(() => this.clock.advance(pending));
    }
    if (!this.isDead && !isOver()) this.#guarded(() => this.clock.advance(end - this.clock.now));
  }

  /** Until the device is live; it must be within `limit`. Returns the time since the boot. */
  goLive(limit: Milliseconds = hour): Milliseconds {
    this.run(limit, () => this.isLive);
    if (!this.isLive && !this.isDead) throw new Error(`not live after ${limit} ms: ${this.log.events().slice(-12)}`);
    // The device has still to read what made it so.
    if (!this.isDead) this.#pump();
    return this.clock.now;
  }

  loseNetwork(): void {
    this.hasAccessPoint = false;
    this.platform.live.clear();
    this.#guarded(() => this.#wifi.fail("wifi-lost"));
  }

  /** Cuts the connections, as a server does that is restarted. */
  cutConnections(): void {
    this.platform.live.clear();
    this.#guarded(() => {
      for (const socket of this.#network.sockets) socket.fail("connection-reset");
    });
  }

  random = (): number => {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state;
  };

  #host(): Host {
    const { clock, log, storage, random } = this;
    const connect = this.#connectWith(undefined);
    return {
      ...{ clock, text, log, storage, random, connect, wifi: this.#wifi },
      secure: ({ certificate }) => this.#connectWith(certificate, true),
      time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
      openFlash: () => {
        throw new DeviceError("storage-failed");
      },
      system: {
        ...{ identity, resetReason: "power-on", description: "fake" },
        measure: () => undefined,
        indicate: () => undefined,
        restart: () => undefined,
      },
    };
  }

  #connectWith(certificate: string | undefined, isSecure = false): Host["connect"] {
    return (options) => {
      const socket = this.#network.connect(options) as FakeSocket;
      this.#certificates.set(socket, certificate);
      this.attempts.push(this.clock.now);
      if (isSecure) this.tlsConnections += 1;
      return socket;
    };
  }

  /** Until nobody has anything to say at this moment. */
  #pump(): void {
    for (let isBusy = true; isBusy && !this.isDead; ) {
      isBusy = this.#associate() || this.#reply();
      for (const socket of [...this.#network.sockets]) isBusy = this.#serve(socket) || isBusy;
    }
  }

  get #untilReply(): Milliseconds {
    const dues = this.platform.underWay.map(({ due }) => due - this.clock.now);
    return Math.max(0, Math.min(...dues));
  }

  #reply(): boolean {
    const { underWay } = this.platform;
    const at = underWay.findIndex(({ due }) => due <= this.clock.now);
    for (const { send } of at < 0 ? [] : underWay.splice(at, 1)) this.#guarded(send);
    return at >= 0;
  }

  #associate(): boolean {
    if (!this.hasAccessPoint || this.#wifi.connection !== Connection.connecting) return false;
    this.#guarded(() => this.#wifi.becomeAddressed());
    return true;
  }

  #serve(socket: FakeSocket): boolean {
    const known = this.#guests.get(socket);
    if (known === undefined) {
      if (socket.isClosed) return false;
      this.#step();
      this.#guarded(() => this.#admit(socket));
      return true;
    }
    const packets = known.server.take();
    for (const packet of packets) {
      this.#step();
      this.#guarded(() => this.platform.handle(known, packet, this.clock.now));
    }
    return packets.length > 0;
  }

  #admit(socket: FakeSocket): void {
    if (socket.isClosed) return;
    const certificate = this.#certificates.get(socket);
    const { platform } = this;
    const isRefused = certificate !== undefined && platform.refusesHandshakes > 0;
    if (isRefused) platform.refusesHandshakes -= 1;
    if (isRefused || platform.isDown) socket.fail(isRefused ? "tls-refused" : "connect-refused");
    else this.#guests.set(socket, { server: new ScriptedServer(socket), certificate, name: undefined });
  }

  #step(): void {
    this.#steps += 1;
    if (!this.isDead) this.#guarded(() => this.onStep(this.#steps));
  }

  /** An exception out of the device is its end, as on a chip; only a power cut may throw. */
  #guarded(act: () => void): void {
    if (this.isDead) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.#isDead = true;
    }
  }
}
