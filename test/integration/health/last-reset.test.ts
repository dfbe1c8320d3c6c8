// SPDX-License-Identifier: Apache-2.0
// What a board tells of its last run: through the local server, seen by REST.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createMachine, type Machine } from "../../../hosts/node/machine.js";
import { Device } from "../../../modules/device/device.js";
import type { LastReset } from "../../../modules/device/device-health.js";
import { demoDevice } from "../../../server/server.js";
import { type Fixture, startFixture } from "../server/fixture.js";

let folder: string;
let fixture: Fixture;
let board: Board;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "xsthing-health-"));
  fixture = await startFixture({ minRpcTimeout: 0 });
});

afterEach(() => {
  board.stop();
  rmSync(folder, { recursive: true });
});

/** One run of a firmware that can be told to fail, on flash that outlives it. */
class Board {
  readonly device: Device;
  readonly machine: Machine;
  readonly ended: Promise<number>;

  constructor(health: object = {}) {
    let end: (code: number) => void;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.machine = createMachine({
      ...{ folder, format: () => "", writeLine: () => {}, engine: "V8", measureEngine: () => {} },
      onEnd: (code) => {
        this.device.stop();
        end(code);
      },
    });
    this.device = new Device(this.machine, {
      server: { host: "127.0.0.1", port: fixture.server.mqttPort },
      credentials: { token: demoDevice.token },
      wifi: [{ SSID: "simulated" }],
      health,
    });
    const crash = this.machine.clock.timer(() => {
      throw new Error(`a defect of ${demoDevice.token}`);
    });
    this.device.rpc.handle("crash", {}, () => crash.start(10));
    this.device.rpc.handle("reboot", {}, () => this.device.restart("test"));
    this.device.start();
  }

  stop(): void {
    this.device.stop();
    this.machine.stop();
  }
}

/** What the server has from this boot on. */
async function told(bootCount: number): Promise<LastReset> {
  return until(async () => {
    const { lastReset } = await fixture.rest.attributes(fixture.deviceId, "CLIENT_SCOPE");
    return (lastReset as LastReset | undefined)?.bootCount === bootCount ? (lastReset as LastReset) : undefined;
  });
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function call(method: string): Promise<unknown> {
  return fixture.rest.call("POST", `/rpc/oneway/${fixture.deviceId}`, { method, params: null });
}

test("a crash is told at the next connect, with its error and the last steps; a restart that was asked for has no error", async () => {
  board = new Board();
  expect(await told(1)).toEqual({ reason: "power-on", bootCount: 1, states: [] });
  await call("crash");
  expect(await board.ended).toBe(70);

  board = new Board();
  const crash = await told(2);
  expect(crash.reason).toBe("panic");
  expect(crash.error).toMatch(/^Error: a defect of \*\*\* at /);
  expect(crash.states.some((step) => /^\d+ session\.live/.test(step))).toBe(true);
  await call("reboot");
  expect(await board.ended).toBe(75);

  board = new Board();
  const restart = await told(3);
  expect(restart).toMatchObject({ reason: "software", bootCount: 3 });
  expect(restart).not.toHaveProperty("error");
  expect(restart.states.at(-1)).toMatch(/wifi|session/);
});

test("a watchdog's bite is told with what it said, and power that goes takes the steps with it", async () => {
  board = new Board();
  await told(1);
  board.machine.bite("too much computation");

  board = new Board();
  expect(await told(2)).toMatchObject({ reason: "watchdog", error: "too much computation" });
  board.stop();

  board = new Board();
  expect(await told(3)).toEqual({ reason: "power-on", bootCount: 3, states: [] });
});

test("log lines come from the level on that a shared attribute sets", async () => {
  board = new Board();
  await told(1);
  const scope = `/plugins/telemetry/DEVICE/${fixture.deviceId}/attributes/SHARED_SCOPE`;
  await fixture.rest.call("POST", scope, { logLevel: "warning", logRate: 600 });
  await until(async () => {
    const { logLevel } = await fixture.rest.attributes(fixture.deviceId, "CLIENT_SCOPE");
    return logLevel === "warning" ? true : undefined;
  });
  board.device.log.write("info", "app.step", "not this one");
  board.device.log.write("warning", "app.step", `this one, by ${demoDevice.token}`);
  const log = await until(async () => (await fixture.rest.latest(fixture.deviceId, "log")).log ?? undefined);
  expect(log).toBe("warning app.step this one, by ***");
});
