// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firmwareImage } from "../../hosts/desktop/bundle.js";
import { startProgram, stopProgram } from "../../hosts/desktop/children.js";
import type { EngineName } from "../../hosts/desktop/supervisor.js";
import { type LogEntry, parseEntry } from "../../hosts/node/log.js";
import { change } from "../integration/server/ota-package.js";
import type { RestClient } from "../integration/server/rest-client.js";
import type { Platform } from "./platform.js";

/** A case that this platform cannot show; it is no failure. */
export class Skipped extends Error {}

const patience = 30_000;
const lookPause = 100;

export interface BoardOptions {
  /** Default: the firmware of main.ts. */
  readonly example?: string;
  readonly isSecure?: boolean;
  /** Credentials or provisioning, as on the command line. */
  readonly args: readonly string[];
}

/** A device in a process of its own: `npm run device`. */
export interface Board {
  readonly log: readonly LogEntry[];
  /** The power goes off and comes back; its flash is the same. */
  restart(): Promise<void>;
}

/** One case's share of a platform: what it makes there is gone afterwards. */
export class World {
  readonly platform: Platform;
  readonly rest: RestClient;
  readonly #engine: EngineName;
  readonly #folder = mkdtempSync(join(tmpdir(), "xsthing-acceptance-"));
  readonly #cleanups: (() => unknown)[] = [];

  constructor(platform: Platform, engine: EngineName) {
    this.platform = platform;
    this.rest = platform.rest;
    this.#engine = engine;
    this.#cleanups.push(() => rmSync(this.#folder, { recursive: true }));
  }

  /** Undoes everything, the last first. */
  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) {
      try {
        await cleanup();
      } catch {
        // What a failed case left half done must not hide its failure.
      }
    }
  }

  /** A name that nobody else uses. */
  name(what: string): string {
    return `${what} ${randomBytes(6).toString("hex")}`;
  }

  secret(): string {
    return randomBytes(10).toString("hex");
  }

  /** A text as a file that lasts as long as the case. */
  file(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** @returns the id of a new device, and its access token */
  async device(name = this.name("acceptance")): Promise<{ id: string; token: string; name: string }> {
    const token = this.secret();
    const id = await this.rest.createDevice(name, token);
    this.#cleanups.push(() => this.rest.call("DELETE", `/device/${id}`));
    return { id, token, name };
  }

  /** @returns the id of a new device */
  async enter(body: object): Promise<string> {
    const device = await this.rest.call("POST", "/device", body);
    this.#cleanups.push(() => this.rest.call("DELETE", `/device/${device.id.id}`));
    return device.id.id;
  }

  /** Something that the platform made by itself for a device of a name. @returns its id */
  async adopt(name: string): Promise<string> {
    const path = `/tenant/devices?deviceName=${encodeURIComponent(name)}`;
    const device = await this.until(`device ${name}`, () => this.rest.call("GET", path).catch(() => undefined));
    const { id } = (device as { id: { id: string } }).id;
    this.#cleanups.push(() => this.rest.call("DELETE", `/device/${id}`));
    return id;
  }

  async profile(body: object): Promise<{ id: { id: string } }> {
    const made = await this.rest.call("POST", "/deviceProfile", body);
    this.#cleanups.push(() => this.rest.call("DELETE", `/deviceProfile/${made.id.id}`));
    return made;
  }

  /** An image of main.ts for the device's engine. */
  firmware(): Promise<Uint8Array> {
    return firmwareImage(this.#engine, "main.ts");
  }

  /** Makes a package the firmware of a profile's devices. Both go with the case. */
  async assign(profileId: string, firmwareId: { readonly id: string }): Promise<void> {
    const response = await change(this.rest, "deviceProfile", profileId, { firmwareId });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    this.#cleanups.push(async () => {
      await change(this.rest, "deviceProfile", profileId, { firmwareId: null });
      await this.rest.call("DELETE", `/otaPackage/${firmwareId.id}`);
    });
  }

  /** Starts a device; it ends with the case. */
  async board({ example, isSecure = false, args }: BoardOptions): Promise<Board> {
    const { addresses } = this.platform;
    if (isSecure && addresses.mqtts === undefined) throw new Skipped("needs XSTHING_MQTTS and XSTHING_CA");
    const server = isSecure && addresses.mqtts ? addresses.mqtts.address : addresses.mqtt;
    const all = [`--server=${server}`, `--engine=${this.#engine}`, "--json", ...args];
    all.push(`--state=${mkdtempSync(join(this.#folder, "board-"))}`);
    if (isSecure && addresses.mqtts) all.push(`--ca=${addresses.mqtts.ca}`);
    if (example !== undefined) all.push(`--example=${example}`);
    const log: LogEntry[] = [];
    const start = () =>
      startProgram("hosts/desktop/device.ts", all, (line) => {
        const entry = parseEntry(line);
        if (entry !== undefined) log.push(entry);
      });
    let child = start();
    this.#cleanups.push(() => stopProgram(child));
    const restart = async (): Promise<void> => {
      await stopProgram(child);
      log.length = 0;
      child = start();
    };
    return { log, restart };
  }

  /** Asks again until the answer is neither undefined nor false. */
  async until<T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
    const end = Date.now() + patience;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
      if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, lookPause));
    }
  }

  /** The latest value of a telemetry key, once there is one. */
  async latest(id: string, key: string): Promise<unknown> {
    const path = `/plugins/telemetry/DEVICE/${id}/values/timeseries?keys=${key}&useStrictDataTypes=true`;
    const [{ value }] = await this.until(`telemetry ${key}`, async () => {
      const list: { value: unknown }[] = (await this.rest.call("GET", path))[key] ?? [];
      // A value that the server does not have yet is null there.
      return list[0] !== undefined && list[0].value !== null && (list as [{ value: unknown }]);
    });
    return value;
  }

  /** Waits for a client attribute to have a value. */
  async clientAttribute(id: string, name: string, value: unknown): Promise<void> {
    let last: unknown;
    await this.until(`client attribute ${name}: ${JSON.stringify(value)}`, async () => {
      last = (await this.rest.attributes(id, "CLIENT_SCOPE"))[name];
      return JSON.stringify(last) === JSON.stringify(value);
    });
  }

  setShared(id: string, values: object): Promise<unknown> {
    return this.rest.call("POST", `/plugins/telemetry/DEVICE/${id}/attributes/SHARED_SCOPE`, values);
  }

  /** A call that is answered; it is made when the device is there. */
  async call(id: string, method: string, params: unknown): Promise<unknown> {
    await this.active(id);
    return this.rest.call("POST", `/rpc/twoway/${id}`, { method, params, timeout: 10_000 });
  }

  /** Waits until the server sees the device connected. */
  active(id: string): Promise<unknown> {
    return this.until("the device is connected", async () => {
      const { active } = await this.rest.attributes(id, "SERVER_SCOPE");
      return active === true;
    });
  }
}

/** What has to be true. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
}
