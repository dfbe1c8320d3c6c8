// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { demoDevice } from "../../server/server.js";
import { RestClient } from "../integration/server/rest-client.js";

/** The shortest that ThingsBoard takes. */
const callTimeout = 5_000;

/** One sample of all vital signs. */
export interface Sample {
  /** When it was taken, by the device's clock. */
  readonly time: number;
  /** Number of the boot that took it. */
  readonly boot: number;
}

export interface Vitals {
  readonly [key: string]: number | undefined;
  readonly bootCount: number;
  readonly uptime: number;
}

interface Point {
  readonly ts: number;
  readonly value: number;
}

/** The demo device as an operator of the local server sees it. */
export class Cloud {
  readonly #rest: RestClient;
  readonly #device: string;

  private constructor(rest: RestClient, device: string) {
    this.#rest = rest;
    this.#device = device;
  }

  static async login(httpPort: number): Promise<Cloud> {
    const rest = await RestClient.login(httpPort);
    return new Cloud(rest, await rest.demoDeviceId());
  }

  /** Rejects where the device does not answer within 5 s. */
  call(method: string): Promise<unknown> {
    return this.#rest.call("POST", `/rpc/twoway/${this.#device}`, { method, params: {}, timeout: callTimeout });
  }

  vitals(): Promise<Vitals> {
    return this.call("getVitals") as Promise<Vitals>;
  }

  clientAttributes(): Promise<Readonly<Record<string, unknown>>> {
    return this.#rest.attributes(this.#device, "CLIENT_SCOPE");
  }

  async setShared(attributes: object): Promise<void> {
    await this.#rest.call("POST", `/plugins/telemetry/DEVICE/${this.#device}/SHARED_SCOPE`, attributes);
  }

  /** Values of a key of telemetry that were measured from `from` on, the oldest first. */
  async history(key: string, from: number): Promise<readonly Point[]> {
    const query = `keys=${key}&startTs=${Math.floor(from)}&endTs=${Date.now() + 3_600_000}`;
    const path = `/plugins/telemetry/DEVICE/${this.#device}/values/timeseries`;
    const found = await this.#rest.call("GET", `${path}?${query}&limit=50000&orderBy=ASC&useStrictDataTypes=true`);
    return found[key] ?? [];
  }

  async samples(from: number): Promise<readonly Sample[]> {
    return (await this.history("bootCount", from)).map(({ ts, value }) => ({ time: ts, boot: value }));
  }

  /** What the device's clock said lately: in an emulator that is short of time it falls behind the computer's. */
  async deviceTime(): Promise<number> {
    const samples = await this.samples(0);
    return Math.max(0, ...samples.map(({ time }) => time));
  }

  latest(...keys: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    return this.#rest.latest(this.#device, keys.join(","));
  }

  async setToken(token: string = demoDevice.token): Promise<void> {
    await this.#rest.setCredentials(this.#device, { credentialsType: "ACCESS_TOKEN", credentialsId: token });
  }

  /** Offers the device an image as version `version` of its firmware. */
  async offer(version: string, image: Uint8Array): Promise<void> {
    const device = await this.#rest.call("GET", `/device/${this.#device}`);
    const { deviceProfileId } = device;
    const about = { title: "xsthing", version, type: "FIRMWARE", deviceProfileId };
    const { id } = await this.#rest.call("POST", "/otaPackage", about);
    const checksum = createHash("sha256").update(image).digest("hex");
    const path = `/otaPackage/${id.id}?checksumAlgorithm=SHA256&checksum=${checksum}`;
    const response = await this.#rest.upload(path, image);
    if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`);
    await this.#rest.call("POST", "/device", { ...device, firmwareId: id });
  }
}
