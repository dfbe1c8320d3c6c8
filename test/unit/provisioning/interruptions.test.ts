// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { hour, minute, second, World } from "./world.js";

/** Steps from power-on to the end of the first minute of being live. */
function stepsOf(credentials: "device" | "server"): number {
  const world = new World({ credentials });
  world.boot();
  world.goLive();
  world.run(minute);
  return world.steps;
}

/** Acts at one step of the first provisioning. */
function interruptAt(step: number, credentials: "device" | "server", act: (world: World) => void): World {
  const world = new World({ credentials });
  world.onStep = (count) => {
    if (count === step) act(world);
  };
  world.boot();
  world.run(2 * minute);
  expect(world.steps).toBeGreaterThanOrEqual(step);
  world.onStep = () => {};
  return world;
}

/** A token that the server told once may be lost on the way. Then the device is for the operator to delete. */
function deleteUnlessKnown(world: World, credentials: "device" | "server"): void {
  if (credentials === "server" && !world.storage.values.has("cred.new") && !world.storage.values.has("cred"))
    world.platform.devices.clear();
}

function provisioningEvents({ log }: World): number {
  return log.events().filter((event) => event.startsWith("provisioning.")).length;
}

describe.each(["device", "server"] as const)("credentials made by the %s: at any step of the way", (credentials) => {
  test("the network may go and come back", () => {
    for (let step = 1; step <= stepsOf(credentials); step += 1) {
      const world = interruptAt(step, credentials, (interrupted) => interrupted.loseNetwork());
      expect(world.openSockets).toBe(0);
      deleteUnlessKnown(world, credentials);
      world.hasAccessPoint = true;
      world.goLive();
    }
  });

  test("the server may cut the connection", () => {
    for (let step = 1; step <= stepsOf(credentials); step += 1) {
      const world = interruptAt(step, credentials, (interrupted) => interrupted.cutConnections());
      deleteUnlessKnown(world, credentials);
      world.goLive();
    }
  });

  test("the device may be stopped, is silent then, and may be started again", () => {
    for (let step = 1; step <= stepsOf(credentials); step += 1) {
      const world = interruptAt(step, credentials, ({ device, attempts }) => {
        device.stop();
        attempts.length = 0;
      });
      expect(world.openSockets).toBe(0);
      expect(world.log.reasons("provisioning.failed")).toEqual([]);
      const said = provisioningEvents(world);
      world.run(hour);
      expect(world.attempts).toEqual([]);
      expect(provisioningEvents(world)).toBe(said);
      deleteUnlessKnown(world, credentials);
      world.platform.live.clear();
      world.device.start();
      world.goLive();
    }
  });

  test("the power may go", () => {
    for (let step = 1; step <= stepsOf(credentials); step += 1) {
      const world = new World({ credentials });
      world.boot();
      world.run(minute, () => world.steps === step);
      deleteUnlessKnown(world, credentials);
      world.boot();
      world.goLive();
    }
  });
});

describe("a network that comes and goes", () => {
  test("makes no more attempts than the ladder has steps", () => {
    const world = new World();
    world.platform.isMute = true;
    world.boot();
    for (let flap = 0; flap < 720; flap += 1) {
      world.run(5 * second);
      world.loseNetwork();
      world.run(second);
      world.hasAccessPoint = true;
    }
    expect(world.attempts.length).toBeLessThan(9 + 8);
    world.platform.isMute = false;
    world.goLive();
  });
});

describe("stopping", () => {
  test("twice, before the start or between two starts changes nothing", () => {
    const world = new World();
    world.boot(false);
    world.device.stop();
    world.device.stop();
    world.run(hour);
    expect(world.attempts).toEqual([]);
    world.device.start();
    world.device.start();
    world.goLive();
    expect(world.platform.requests).toHaveLength(1);
  });
});
