// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleForXs } from "../hosts/desktop/bundle.js";
import { type ServerAddress, ServerProcess } from "../hosts/desktop/local-server.js";
import { RestClient } from "../test/integration/server/rest-client.js";
import { XsDevice } from "../test/xs/xs-device.js";
import { BlackHole } from "./black-hole.js";

const token = "xsthing-demo";

/** The longest backoff of the session and then some. */
const recoveryPatience = 180_000;

const pollPause = 500;

/** What happens to the connection while the device goes on recording. */
export interface Disaster {
  /** Milliseconds between two data. */
  readonly period: number;
  run(scene: Scene): Promise<void>;
}

/** A server in a process of its own, a middlebox before it, and a device on XS that counts. */
export class Scene {
  readonly #state = mkdtempSync(join(tmpdir(), "xsthing-server-"));
  readonly #device = new XsDevice();
  #server: ServerProcess | undefined;
  #address: ServerAddress = { mqttPort: 0, httpPort: 0, page: "", pid: 0 };
  #hole: BlackHole | undefined;

  /** Plays the disaster out; returns how many data never arrived. */
  static async lost(disaster: Disaster): Promise<number> {
    const scene = new Scene();
    try {
      await scene.#open(disaster.period);
      await disaster.run(scene);
      const lost = await scene.#count();
      if (!scene.#device.entries.some(({ event }) => event === "session.disconnected"))
        throw new Error("loss: the device did not notice any disaster");
      return lost;
    } finally {
      await scene.#close();
    }
  }

  /** Kills the server as -9 does and starts it again after `span`. */
  async restartServer(span: number): Promise<void> {
    process.kill(this.#address.pid, "SIGKILL");
    await pause(span);
    await this.#startServer();
  }

  /** Swallows everything for `span`, then resets the connections it knew. */
  async swallow(span: number): Promise<void> {
    this.#hole?.open();
    await pause(span);
    this.#hole?.close();
  }

  async #open(period: number): Promise<void> {
    await this.#startServer();
    this.#hole = new BlackHole(this.#address.mqttPort);
    const port = await this.#hole.listen();
    const config = {
      server: { host: "127.0.0.1", port },
      credentials: { token },
      wifi: [{ SSID: "simulated" }],
    };
    await this.#device.bootBundle(await bundleForXs("bench/machine/loss-entry.ts"), { config, period });
    await this.#device.step("session.live");
    await pause(20 * period);
  }

  async #startServer(): Promise<void> {
    const { mqttPort, httpPort } = this.#address;
    this.#server = new ServerProcess({
      ...{ mqttPort, httpPort, state: this.#state },
      onLine: () => undefined,
      onEnd: () => undefined,
    });
    this.#address = await this.#server.listening;
  }

  /** Everything that was recorded up to now must arrive, however long it takes. */
  async #count(): Promise<number> {
    const recorded = Number(this.#device.entries.findLast(({ event }) => event === "bench.count")?.detail ?? 0);
    const rest = await RestClient.login(this.#address.httpPort);
    const id = await rest.demoDeviceId();
    const query = `keys=number&startTs=0&endTs=${Date.now() + 3_600_000}&limit=1000000&useStrictDataTypes=true`;
    let missing = recorded;
    for (let waited = 0; missing > 0 && waited < recoveryPatience; waited += pollPause) {
      await pause(pollPause);
      const history = await rest.call("GET", `/plugins/telemetry/DEVICE/${id}/values/timeseries?${query}`);
      const arrived = new Set<number>((history.number ?? []).map(({ value }: { value: number }) => value));
      missing = Array.from({ length: recorded }, (_, number) => number).filter((number) => !arrived.has(number)).length;
    }
    return missing;
  }

  async #close(): Promise<void> {
    this.#device.stop();
    this.#hole?.stop();
    await this.#server?.stop();
    rmSync(this.#state, { recursive: true, force: true });
  }
}

function pause(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
