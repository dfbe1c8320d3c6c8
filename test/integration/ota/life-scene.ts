// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { applicationImage, firmwareImage } from "../../../hosts/desktop/bundle.js";
import type { EngineName } from "../../../hosts/desktop/supervisor.js";
import { startServer } from "../../../server/server.js";
import { change, createPackage } from "../server/ota-package.js";
import { RestClient } from "../server/rest-client.js";
import { LifeDevice } from "./life-device.js";

const titles = Object.freeze({ FIRMWARE: "xsthing", SOFTWARE: "xsthing-application" } as const);
const fields = Object.freeze({ FIRMWARE: "firmwareId", SOFTWARE: "softwareId" } as const);

export interface OfferOptions {
  readonly type?: "FIRMWARE" | "SOFTWARE";
  readonly title?: string;
  readonly algorithm?: string;
}

/** Programs of test/programs, each of which is built once. */
export class Images {
  readonly #engine: EngineName;
  readonly #images = new Map<string, Promise<Uint8Array>>();

  constructor(engine: EngineName) {
    this.#engine = engine;
  }

  firmware(program: string): Promise<Uint8Array> {
    return this.#build(program, firmwareImage);
  }

  application(program: string): Promise<Uint8Array> {
    return this.#build(program, applicationImage);
  }

  #build(program: string, build: typeof firmwareImage): Promise<Uint8Array> {
    const path = program.startsWith("/") ? program : `test/programs/${program}.ts`;
    const image = this.#images.get(path) ?? build(this.#engine, path);
    this.#images.set(path, image);
    return image;
  }
}

/** A server and devices, each with a story of its own. */
export class LifeScene {
  readonly images: Images;
  readonly rest: RestClient;
  readonly mqttPort: number;
  readonly #engine: EngineName;
  readonly #devices: LifeDevice[] = [];
  readonly #close: () => Promise<void>;
  #offers = 0;

  private constructor(engine: EngineName, rest: RestClient, mqttPort: number, close: () => Promise<void>) {
    this.images = new Images(engine);
    this.rest = rest;
    this.mqttPort = mqttPort;
    this.#engine = engine;
    this.#close = close;
  }

  /** With a server in this process. */
  static async start(engine: EngineName): Promise<LifeScene> {
    // Devices do not wait for each other here.
    const server = await startServer({ mqttPort: 0, httpPort: 0, otaUpdateInterval: 10 });
    return new LifeScene(engine, await RestClient.login(server.httpPort), server.mqttPort, () => server.close());
  }

  async end(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.remove()));
    await this.#close();
  }

  /** A new device that runs `program` of test/programs, or main.ts, and is live. */
  async device(program?: string, mqttPort = this.mqttPort): Promise<LifeDevice> {
    const token = randomBytes(10).toString("hex");
    const id = await this.rest.createDevice(`Device ${token}`, token);
    const image = program === undefined ? {} : { image: await this.images.firmware(program) };
    const device = new LifeDevice({ rest: this.rest, id, token, engine: this.#engine, mqttPort, ...image });
    this.#devices.push(device);
    device.switchOn();
    await device.step("session.live");
    return device;
  }

  /** Uploads a package and assigns it to a device. @returns its version */
  async offer({ id }: LifeDevice, data: Uint8Array, options: OfferOptions = {}): Promise<string> {
    const { type = "FIRMWARE", title = titles[type], algorithm = "SHA256" } = options;
    this.#offers += 1;
    const version = `1.${this.#offers}.0`;
    const { id: packageId } = await createPackage(this.rest, data, { type, title, version, algorithm });
    const response = await change(this.rest, "device", id, { [fields[type]]: packageId });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return version;
  }

  setShared({ id }: LifeDevice, values: object): Promise<unknown> {
    return this.rest.call("POST", `/plugins/telemetry/DEVICE/${id}/attributes/SHARED_SCOPE`, values);
  }
}
