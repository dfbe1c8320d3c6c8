// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerAddress, ServerProcess } from "../hosts/desktop/local-server.js";
import { change, createPackage, image } from "../test/integration/server/ota-package.js";
import { RestClient } from "../test/integration/server/rest-client.js";
import { ChunkRequests } from "./chunk-requests.js";
import { ShapedLink } from "./shaped-link.js";
import { builtFirmware, UpdatingDevice, type UpdatingDeviceOptions } from "./updating-device.js";

export const bandwidth = 10_000_000;

const pollPause = 50;

/** An update that takes longer has failed. */
const patience = 120_000;

/** A device with an erased flash, and the link that it has to the server. */
export interface Update {
  readonly link: ShapedLink;
  readonly requests: ChunkRequests;
  /** Switches the device on. Where one runs, that one is to be killed first. */
  boot(options?: Omit<UpdatingDeviceOptions, "port" | "state">): UpdatingDevice;
}

/** A server in a process of its own, from which one device after another is updated. */
export class UpdateScene {
  readonly #folder: string;
  readonly #server: ServerProcess;
  readonly #address: ServerAddress;
  readonly #rest: RestClient;
  readonly #deviceId: string;
  #packages = 0;
  #devices = 0;

  private constructor(folder: string, server: ServerProcess, address: ServerAddress, rest: RestClient, id: string) {
    this.#folder = folder;
    this.#server = server;
    this.#address = address;
    this.#rest = rest;
    this.#deviceId = id;
  }

  static async open(): Promise<UpdateScene> {
    const folder = mkdtempSync(join(tmpdir(), "xsthing-update-"));
    const server = new ServerProcess({
      ...{ mqttPort: 0, httpPort: 0, state: join(folder, "server") },
      onLine: () => undefined,
      onEnd: (why) => console.error(`bench: the server ended, ${why}`),
    });
    const address = await server.listening;
    const rest = await RestClient.login(address.httpPort);
    return new UpdateScene(folder, server, address, rest, await rest.demoDeviceId());
  }

  /** Uploads an image of that size, which no boot loader takes, and offers it to the device. */
  async offer(size: number): Promise<void> {
    this.#packages += 1;
    const { title } = builtFirmware;
    const version = `v${this.#packages}`;
    const { id } = await createPackage(this.#rest, image(size), { title, version });
    await this.#assign(id, version);
  }

  /** Offers nothing. */
  withdraw(): Promise<void> {
    return this.#assign(null, undefined);
  }

  /** Tells the device another checksum than the package's. In letters: of digits the server would make a number. */
  async spoilChecksum(): Promise<void> {
    const path = `/plugins/telemetry/DEVICE/${this.#deviceId}/attributes/SHARED_SCOPE`;
    await this.#rest.call("POST", path, { fw_checksum: "f".repeat(64) });
  }

  /** Plays an update, with whatever becomes of it. */
  async play<T>(roundTrip: number, run: (update: Update) => Promise<T>): Promise<T> {
    this.#devices += 1;
    const state = join(this.#folder, `device-${this.#devices}`);
    const requests = new ChunkRequests();
    const onConnection = () => requests.observe();
    const link = new ShapedLink({ target: () => this.#address.mqttPort, roundTrip, bandwidth, onConnection });
    const port = await link.listen();
    const devices: UpdatingDevice[] = [];
    const boot: Update["boot"] = (options) => {
      const device = new UpdatingDevice({ ...options, port, state });
      devices.push(device);
      return device;
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const explain = () => devices.flatMap(({ entries }) => entries.slice(-5).map((entry) => JSON.stringify(entry)));
      timer = setTimeout(() => reject(new Error(["bench: the update hangs", ...explain()].join("\n"))), patience);
    });
    try {
      return await Promise.race([run({ link, requests, boot }), late]);
    } finally {
      clearTimeout(timer);
      await Promise.all(devices.map((device) => device.kill()));
      link.stop();
    }
  }

  async close(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until the device would be told. */
  async #assign(id: object | null, version: string | undefined): Promise<void> {
    const response = await change(this.#rest, "device", this.#deviceId, { firmwareId: id });
    if (!response.ok) throw new Error(`bench: ${response.status} ${await response.text()}`);
    while ((await this.#rest.attributes(this.#deviceId, "SHARED_SCOPE")).fw_version !== version)
      await new Promise((resolve) => setTimeout(resolve, pollPause));
  }
}
