// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { demoDevice } from "../../server/server.js";
import { profileBody } from "../integration/server/profile.js";
import { RestClient } from "../integration/server/rest-client.js";

/** The shortest that ThingsBoard takes. */
const callTimeout = 5_000;

/** What `main.ts` is called in packages. */
const titles = { firmware: "xsthing", software: "xsthing-application" } as const;

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

/** What an update is of. */
export type PackageKind = "firmware" | "software";

interface Point {
  readonly ts: number;
  readonly value: number;
}

/** A device as an operator of the local server sees it. It need not be there yet: what is asked of it is rejected until then. */
export class Cloud {
  readonly #rest: RestClient;
  readonly #name: string;

  private constructor(rest: RestClient, name: string) {
    this.#rest = rest;
    this.#name = name;
  }

  static async login(httpPort: number, name: string = demoDevice.name): Promise<Cloud> {
    return new Cloud(await RestClient.login(httpPort), name);
  }

  /** The same operator, who looks at another device. */
  of(name: string): Cloud {
    return new Cloud(this.#rest, name);
  }

  /** Rejects where the device does not answer within 5 s. */
  async call(method: string): Promise<unknown> {
    return this.#rest.call("POST", `/rpc/twoway/${await this.#id()}`, { method, params: {}, timeout: callTimeout });
  }

  vitals(): Promise<Vitals> {
    return this.call("getVitals") as Promise<Vitals>;
  }

  async clientAttributes(): Promise<Readonly<Record<string, unknown>>> {
    return this.#rest.attributes(await this.#id(), "CLIENT_SCOPE");
  }

  async setShared(attributes: object): Promise<void> {
    await this.#rest.call("POST", `/plugins/telemetry/DEVICE/${await this.#id()}/SHARED_SCOPE`, attributes);
  }

  /** Values of a key of telemetry that were measured from `from` on, the oldest first. */
  async history(key: string, from: number): Promise<readonly Point[]> {
    const query = `keys=${key}&startTs=${Math.floor(from)}&endTs=${Date.now() + 3_600_000}`;
    const path = `/plugins/telemetry/DEVICE/${await this.#id()}/values/timeseries`;
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

  async latest(...keys: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    return this.#rest.latest(await this.#id(), keys.join(","));
  }

  async setToken(token: string = demoDevice.token): Promise<void> {
    await this.#rest.setCredentials(await this.#id(), { credentialsType: "ACCESS_TOKEN", credentialsId: token });
  }

  /** The token by which the server knows the device. */
  async token(): Promise<string> {
    return (await this.#rest.call("GET", `/device/${await this.#id()}/credentials`)).credentialsId;
  }

  async remove(): Promise<void> {
    await this.#rest.call("DELETE", `/device/${await this.#id()}`);
  }

  /** From now on the server makes a device, and gives it credentials, for whoever says "key" and "secret". */
  async allowProvisioning(): Promise<void> {
    await this.#rest.call("POST", "/deviceProfile", profileBody());
  }

  /** Names of all devices that the server knows. */
  async devices(): Promise<readonly string[]> {
    const { data } = await this.#rest.call("GET", "/tenant/devices?pageSize=100&page=0");
    return data.map(({ name }: { name: string }) => name);
  }

  /** Offers the device an image as version `version` of its firmware, or of its application. */
  async offer(version: string, image: Uint8Array, kind: PackageKind = "firmware"): Promise<void> {
    const device = await this.#rest.call("GET", `/device/${await this.#id()}`);
    const { deviceProfileId } = device;
    const about = { title: titles[kind], version, type: kind.toUpperCase(), deviceProfileId };
    const { id } = await this.#rest.call("POST", "/otaPackage", about);
    const checksum = createHash("sha256").update(image).digest("hex");
    const path = `/otaPackage/${id.id}?checksumAlgorithm=SHA256&checksum=${checksum}`;
    const response = await this.#rest.upload(path, image);
    if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`);
    await this.#rest.call("POST", "/device", { ...device, [`${kind}Id`]: id });
  }

  /** Takes back every package that the device was offered. */
  async withdraw(): Promise<void> {
    const device = await this.#rest.call("GET", `/device/${await this.#id()}`);
    await this.#rest.call("POST", "/device", { ...device, firmwareId: null, softwareId: null });
  }

  /** Looked up each time: a device that was removed comes back as another. */
  #id(): Promise<string> {
    return this.#rest.deviceId(this.#name);
  }
}
