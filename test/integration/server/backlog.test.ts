import { createConnection, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { flashFolder } from "../board.js";
import { pause, until } from "../until.js";
import { boot } from "./device-fixture.js";
import { type Fixture, startFixture } from "./fixture.js";

/** Nobody listens there. */
const nowhere = 1;

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const instants = 250;
const keys = 20;

/** Records 5,000 data without a server, twenty to an instant, over half a second; returns the folder and when they were recorded. */
async function outage(): Promise<{ folder: string; times: [from: number, to: number][] }> {
  const folder = flashFolder();
  const { device, log, stop } = boot(folder, nowhere);
  device.start();
  await until("the time is known", () => log.events().includes("clock.known"), 2_000);
  const times: [number, number][] = [];
  for (let instant = 0; instant < instants; instant += 1) {
    const from = Date.now();
    device.telemetry.record(Object.fromEntries(Array.from({ length: keys }, (_, key) => [`k${key}`, instant])));
    const to = Date.now();
    times.push([from, to]);
    // Of two data of one key and one millisecond the server keeps one.
    while (Date.now() < to + 2) await pause(1);
  }
  stop();
  expect(device.telemetry).toMatchObject({ recorded: instants * keys, journaled: instants * keys, dropped: 0 });
  return { folder, times };
}

/** Everything the server has of a key, oldest first. */
async function stored({ rest, deviceId }: Fixture, key: string): Promise<{ ts: number; value: unknown }[]> {
  const query = `keys=${key}&startTs=0&endTs=${Date.now() + 60_000}&limit=10000&orderBy=ASC&useStrictDataTypes=true`;
  const values = await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries?${query}`);
  return values[key] ?? [];
}

describe("a backlog of 5,000 data", () => {
  test.each([
    ["10 messages a second", { messages: "10:1", telemetryMessages: "10:1" }],
    [
      "10 messages a second, 300 a minute and data points besides",
      { messages: "10:1,300:60", telemetryMessages: "10:1,300:60", telemetryDataPoints: "1000:1,15000:60" },
    ],
  ])(
    "under a limit of %s: no session is ended, every datum keeps its time, and live data flow",
    async (_, limits) => {
      const { folder, times } = await outage();
      const fixture = await startFixture({ limits });
      const { device, log } = boot(folder, fixture.server.mqttPort);
      expect(device.telemetry.recovered).toBe(instants * keys);
      device.start();
      let isLate = false;
      const started = Date.now();
      for (let live = 0; device.telemetry.journaled > 0 || live < 20; live += 1) {
        device.telemetry.record("live", live);
        await pause(200);
        // Oldest first: what is behind by three seconds is waiting for the backlog.
        isLate ||= device.telemetry.depth - device.telemetry.journaled > 15;
        expect(Date.now() - started).toBeLessThan(20_000);
      }
      const { recorded } = device.telemetry;
      await until("all is delivered", () => device.telemetry.depth === 0, 5_000);
      expect(isLate).toBe(false);
      expect(device.telemetry).toMatchObject({
        delivered: recorded + instants * keys,
        dropped: 0,
        refused: 0,
        quarantined: 0,
      });
      expect(fixture.events.filter(({ event }) => event === "device.connected")).toHaveLength(1);
      expect(fixture.events.filter(({ event }) => event === "device.disconnected")).toEqual([]);
      expect(log.events()).not.toContain("session.disconnected");
      for (let key = 0; key < keys; key += 1) {
        const values = await stored(fixture, `k${key}`);
        expect(values.map(({ value }) => value)).toEqual(Array.from({ length: instants }, (_, instant) => instant));
        for (const [instant, { ts }] of values.entries()) {
          const [from, to] = times[instant] ?? [0, 0];
          expect(ts).toBeGreaterThanOrEqual(from - 20);
          expect(ts).toBeLessThanOrEqual(to + 20);
        }
      }
      expect(await stored(fixture, "live")).toHaveLength(recorded);
    },
    40_000,
  );
});

/**
 * The server ends no session for a payload that a device can write. So a wall before it does, at certain bytes from the device.
 * Returns the port, and how often it did.
 */
async function wall(port: number, poison: string): Promise<{ port: number; readonly kills: number }> {
  const sockets = new Set<Socket>();
  const state = { port: 0, kills: 0 };
  const listener = createServer((device) => {
    const server = createConnection(port, "127.0.0.1");
    for (const [from, to] of [
      [device, server],
      [server, device],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
    server.pipe(device);
    device.on("data", (bytes) => {
      const index = bytes.indexOf(poison);
      server.write(index < 0 ? bytes : bytes.subarray(0, index));
      if (index < 0) return;
      state.kills += 1;
      device.pause();
      // What came before is answered first, as a server does.
      setTimeout(() => device.destroy(), 10);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  state.port = (listener.address() as { port: number }).port;
  return state;
}

test("a datum for which every session ends is found in the journal and given up, and the rest arrives once, in time", async () => {
  const folder = flashFolder();
  const before = boot(folder, nowhere);
  before.device.start();
  await until("the time is known", () => before.log.events().includes("clock.known"), 2_000);
  for (let sample = 0; sample < 60; sample += 1) {
    before.device.telemetry.record("old", sample === 17 ? "poison" : sample);
    await pause(3);
  }
  before.stop();
  const fixture = await startFixture();
  const guarded = await wall(fixture.server.mqttPort, "poison");
  // Minutes of pauses pass in seconds.
  const { device } = boot(folder, guarded.port, { maxCount: 8 }, 50);
  const told: string[] = [];
  device.telemetry.onQuarantined((key) => told.push(key));
  device.start();
  let live = 0;
  await until(
    "the datum is given up",
    () => {
      live += 1;
      device.telemetry.record("live", live);
      return device.telemetry.quarantined > 0;
    },
    20_000,
  );
  await until("the rest is delivered", () => device.telemetry.depth === 0, 10_000);
  expect(told).toEqual(["old"]);
  expect(guarded.kills).toBeLessThanOrEqual(9);
  expect(device.telemetry).toMatchObject({ quarantined: 1, dropped: 0, refused: 0, delivered: 59 + live });
  const values = await stored(fixture, "old");
  const healthy = Array.from({ length: 60 }, (_, sample) => sample).filter((sample) => sample !== 17);
  expect(values.map(({ value }) => value)).toEqual(healthy);
}, 40_000);
