import { describe, expect, test } from "@jest/globals";
import type { Device } from "../../../modules/device/device.js";
import { flashFolder } from "../board.js";
import { boot } from "../server/device-fixture.js";
import { type Fixture, startFixture } from "../server/fixture.js";
import { pause, until } from "../until.js";

/** Nobody listens there. */
const nowhere = 1;

const patience = 5_000;

interface Calls {
  readonly calls: [string, unknown][];
  /** Until the handlers have been called so often, and what they were called with. */
  reach(count: number): Promise<[string, unknown][]>;
}

function declare(device: Device): Calls {
  const calls: [string, unknown][] = [];
  const { attributes } = device;
  attributes.declareShared("period", { type: "integer", minimum: 100, maximum: 86_400_000, default: 5_000 }, (value) =>
    calls.push(["period", value]),
  );
  attributes.declareShared("mode", { type: "string", oneOf: ["eco", "boost"] }, (value) => calls.push(["mode", value]));
  attributes.declareShared("plan", "json", (value) => calls.push(["plan", value]));
  return {
    calls,
    reach: async (count) => {
      await until(`${count} calls`, () => calls.length >= count, patience);
      return calls;
    },
  };
}

function start(folder: string, port: number) {
  const { device, log, stop } = boot(folder, port);
  const { calls, reach } = declare(device);
  device.start();
  return { device, log, stop, calls, reach };
}

function setShared({ rest, deviceId }: Fixture, values: unknown): Promise<unknown> {
  return rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/attributes/SHARED_SCOPE`, values);
}

function deleteShared({ rest, deviceId }: Fixture, keys: string): Promise<unknown> {
  return rest.call("DELETE", `/plugins/telemetry/DEVICE/${deviceId}/SHARED_SCOPE?keys=${keys}`);
}

async function untilErrors({ rest, deviceId }: Fixture, expected: object): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const { sharedErrors } = await rest.attributes(deviceId, "CLIENT_SCOPE");
    if (JSON.stringify(sharedErrors) === JSON.stringify(expected)) return;
    if (Date.now() > end) expect(sharedErrors).toEqual(expected);
    await pause(10);
  }
}

describe("shared attributes of a device", () => {
  test("outlive a restart without a network, and what the server has changed meanwhile is told at the next connect", async () => {
    const fixture = await startFixture();
    const folder = flashFolder();
    const plan = { on: [1, { at: "7:30" }], ["__proto__"]: 2 };
    await setShared(fixture, { period: 200, mode: "eco", plan });
    const first = start(folder, fixture.server.mqttPort);
    expect(await first.reach(4)).toMatchObject([
      ["period", 5_000],
      ["period", 200],
      ["mode", "eco"],
      ["plan", expect.any(Map)],
    ]);
    first.stop();

    const offline = start(folder, nowhere);
    expect(await offline.reach(3)).toEqual([["period", 200], ["mode", "eco"], first.calls[3]]);
    expect(offline.log.events()).not.toContain("session.live");
    offline.stop();

    await setShared(fixture, { mode: "boost" });
    await deleteShared(fixture, "period");
    const second = start(folder, fixture.server.mqttPort);
    expect((await second.reach(5)).slice(3)).toEqual([
      ["period", 5_000],
      ["mode", "boost"],
    ]);
    await pause(100);
    expect(second.calls).toHaveLength(5);
  });

  test("are stored without a farewell", async () => {
    const fixture = await startFixture();
    const folder = flashFolder();
    const first = start(folder, fixture.server.mqttPort);
    await first.reach(1);
    await setShared(fixture, { period: 300 });
    await first.reach(2);
    await pause(50);
    const second = start(folder, nowhere);
    expect(await second.reach(1)).toEqual([["period", 300]]);
  });

  test("that are wrong are refused and told by name and reason, until they are put right", async () => {
    const fixture = await startFixture();
    const device = start(flashFolder(), fixture.server.mqttPort);
    await setShared(fixture, { period: 200 });
    await device.reach(2);
    await untilErrors(fixture, {});
    await setShared(fixture, { period: 86_400_001, mode: 7 });
    await untilErrors(fixture, { period: "over 86400000", mode: "none of eco, boost" });
    await deleteShared(fixture, "mode");
    await untilErrors(fixture, { period: "over 86400000" });
    // The server makes a number of it.
    await setShared(fixture, { period: "250.0" });
    await untilErrors(fixture, {});
    expect(device.calls).toEqual([
      ["period", 5_000],
      ["period", 200],
      ["period", 250],
    ]);
  });
});
