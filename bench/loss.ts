// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerAddress, ServerProcess } from "../hosts/desktop/local-server.js";
import { RestClient } from "../test/integration/server/rest-client.js";
import { BlackHole } from "./black-hole.js";
import { CountingDevice } from "./counting-device.js";

/** The longest backoff of the session and then some. */
const recoveryPatience = 180_000;

const pollPause = 500;

/** Shortly before data are stored that were recorded since the last ones were. */
const almostStoreAfter = 1_800;

/** So many data a device has recorded at most when it is switched off and counts on from here. */
const secondBoot = 1_000_000;

/** What happens to the connection or to the device while it goes on recording. */
export interface Disaster {
  /** Milliseconds between two data. */
  readonly period: number;
  run(scene: Scene): Promise<void>;
}

/** Numbers of data. */
export interface Damage {
  /** Recorded, and never at the server; of a device that was killed: reported as stored, and never at the server. */
  readonly lost: number;
  /** Recorded by a device that was killed before it had stored them, and never at the server. */
  readonly unstored: number;
  /** At the server more than once, where they are stored once. */
  readonly duplicates: number;
}

/** A server in a process of its own, a middlebox before it, and a device on XS that counts. */
export class Scene {
  readonly #folder = mkdtempSync(join(tmpdir(), "xsthing-loss-"));
  readonly #hole: BlackHole;
  readonly #period: number;
  readonly #devices: CountingDevice[] = [];
  #server: ServerProcess | undefined;
  #address: ServerAddress = { mqttPort: 0, httpPort: 0, page: "", pid: 0 };
  #port = 0;
  /** Data that the server has received. */
  #received = 0;

  private constructor(period: number) {
    this.#period = period;
    this.#hole = new BlackHole(() => this.#address.mqttPort);
  }

  /** Plays the disaster out and counts what it did. */
  static async play({ period, run }: Disaster): Promise<Damage> {
    const scene = new Scene(period);
    try {
      await scene.#open();
      await run(scene);
      return await scene.#count();
    } finally {
      await scene.#close();
    }
  }

  /** Kills the server as -9 does and starts it again after `span`. */
  async restartServer(span: number): Promise<void> {
    this.killServer();
    await pause(span);
    await this.startServer();
  }

  killServer(): void {
    process.kill(this.#address.pid, "SIGKILL");
  }

  async startServer(): Promise<void> {
    const { mqttPort, httpPort } = this.#address;
    this.#server = new ServerProcess({
      ...{ mqttPort, httpPort, state: join(this.#folder, "server") },
      onLine: (line) => this.#take(line),
      onEnd: () => undefined,
    });
    this.#address = await this.#server.listening;
  }

  /** Swallows everything for `span`, then resets the connections it knew. */
  async swallow(span: number): Promise<void> {
    this.#hole.open();
    await pause(span);
    this.#hole.close();
  }

  /** Kills the device as -9 does once it has reported `count` data as stored, at the worst moment, and boots it again. */
  async killDevice(count: number): Promise<void> {
    const device = this.#device;
    await device.until(({ stored }) => stored >= count);
    await pause(almostStoreAfter);
    await device.kill();
    this.#boot();
  }

  get #device(): CountingDevice {
    const device = this.#devices.at(-1);
    if (device === undefined) throw new Error("loss: there is no device");
    return device;
  }

  #boot(): void {
    const state = join(this.#folder, "device");
    const first = this.#devices.length * secondBoot;
    this.#devices.push(new CountingDevice({ port: this.#port, state, period: this.#period, first }));
  }

  async #open(): Promise<void> {
    await this.startServer();
    this.#port = await this.#hole.listen();
    this.#boot();
    await this.#device.step("session.live");
    await pause(20 * this.#period);
  }

  #take(line: string): void {
    if (!line.includes('"telemetry"')) return;
    const { event, points } = JSON.parse(line);
    if (event === "telemetry") this.#received += points;
  }

  /** Everything that was recorded up to now must arrive, however long it takes. */
  async #count(): Promise<Damage> {
    await this.#device.until(({ recorded }) => recorded > 0);
    const [first] = this.#devices as [CountingDevice];
    const isKilled = first !== this.#device;
    const expected = numbers(0, isKilled ? first.reported : first.recorded);
    if (isKilled) expected.push(...numbers(secondBoot, this.#device.recorded));
    let lost = expected.length;
    for (let waited = 0; lost > 0 && waited < recoveryPatience; waited += pollPause) {
      await pause(pollPause);
      const arrived = new Set(await this.#history());
      lost = expected.filter((number) => !arrived.has(number)).length;
    }
    await this.#device.kill();
    if (!first.entries.some(({ event }) => event === "session.disconnected"))
      throw new Error("loss: the device did not notice any disaster");
    await pause(pollPause);
    const history = await this.#history();
    const arrived = new Set(history);
    if (history.length > arrived.size) throw new Error("loss: a datum was stored under two times");
    const unstored = isKilled ? numbers(first.reported, first.recorded).filter((number) => !arrived.has(number)) : [];
    return { lost, unstored: unstored.length, duplicates: this.#received - arrived.size };
  }

  async #history(): Promise<number[]> {
    const rest = await RestClient.login(this.#address.httpPort);
    const id = await rest.demoDeviceId();
    const query = `keys=number&startTs=0&endTs=${Date.now() + 3_600_000}&limit=1000000&useStrictDataTypes=true`;
    const history = await rest.call("GET", `/plugins/telemetry/DEVICE/${id}/values/timeseries?${query}`);
    return (history.number ?? []).map(({ value }: { value: number }) => value);
  }

  async #close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.kill()));
    this.#hole.stop();
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function pause(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
