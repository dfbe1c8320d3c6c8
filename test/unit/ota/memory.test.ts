// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { makePackage, UpdateWorld } from "./update-world.js";
import { UpdatedDevice } from "./updated-device.js";

describe("the updater over many offers", () => {
  test("makes no timers for each: on a chip they are never given back", () => {
    const world = new UpdateWorld();
    world.boot();
    world.offer(makePackage({ version: "2.0" }));
    world.connect();
    world.serve(2);
    const { timers } = world.clock;
    for (let round = 3; round < 50; round += 1) {
      world.offer(makePackage({ version: `${round}.0` }));
      world.answer();
      world.serve(2);
    }
    expect(world.clock.timers).toBe(timers);
    world.run();
    expect(world.running).toBe("49.0");
  });
});

test("packages by HTTP make no timers for each either", () => {
  const device = new UpdatedDevice();
  device.boot();
  device.connect();
  const offer = (round: number): Record<string, Json> => ({
    ...{ fw_title: "f", fw_version: `${round}`, fw_size: 10_000, fw_checksum: "00000000" },
    ...{ fw_checksum_algorithm: "CRC32", fw_url: "http://files.test/f" },
  });
  device.offer(offer(2));
  device.clock.advance(1_000);
  const { timers } = device.clock;
  for (let round = 3; round < 50; round += 1) {
    device.offer(offer(round));
    device.clock.advance(1_000);
  }
  expect(device.network.sockets.length).toBeGreaterThan(40);
  expect(device.clock.timers).toBe(timers);
});
