// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { makePackage, UpdateWorld } from "./update-world.js";

function updated(): UpdateWorld {
  const world = new UpdateWorld();
  world.boot();
  world.offer(makePackage({ version: "2.0" }));
  world.run();
  expect(world.running).toBe("2.0");
  world.told.length = 0;
  return world;
}

describe("an image that was updated and does not run any more", () => {
  test("is not told as updated by what runs in its place", () => {
    const world = updated();
    world.board.partition("ota_1").corrupt(0, [0]);
    world.reset("power-on");
    expect(world.running).toBe("1.0");
    world.run();
    expect(world.told).toContain("runs 1.0");
    expect(world.told).not.toContain("UPDATED");
    expect(world.state).toBe(`FAILED rolled-back: thermostat 1.0 runs in the place of thermostat 2.0`);
  });

  test("is fetched again where it is offered again", () => {
    const world = updated();
    world.board.partition("ota_1").corrupt(0, [0]);
    world.reset("power-on");
    world.run();
    world.withdraw();
    world.answer();
    world.offer(makePackage({ version: "2.0" }));
    world.answer();
    world.run();
    expect(world.running).toBe("2.0");
    expect(world.state).toBe("UPDATED");
  });

  test("has left a record that older firmware wrote, without a name: that is believed", () => {
    const world = updated();
    const record = JSON.parse(new TextDecoder().decode(world.board.storage.read("fw.update")));
    const old = JSON.stringify({ ...record, title: "", version: "" });
    world.board.storage.write("fw.update", new TextEncoder().encode(old));
    world.reset("power-on");
    world.run();
    expect(world.told).toEqual(["runs 2.0", "UPDATED"]);
  });
});

test("a name that cannot be read once is no end of the update", () => {
  const world = new UpdateWorld();
  world.boot();
  world.offer(makePackage({ version: "2.0" }), { fw_version: "spring" });
  world.run();
  const { storage } = world.board;
  const read = storage.read.bind(storage);
  storage.read = (key) => {
    if (key === "fw.ota_1") throw new DeviceError("storage-failed");
    return read(key);
  };
  world.reset("power-on");
  world.run();
  storage.read = read;
  world.told.length = 0;
  world.reset("power-on");
  world.run();
  expect(world.told).toEqual(["runs spring", "UPDATED"]);
});

test("an image whose name could not be stored stays updated under the name that it was built with", () => {
  const world = new UpdateWorld();
  world.boot();
  world.offer(makePackage({ version: "2.0" }), { fw_version: "spring" });
  const { storage } = world.board;
  const write = storage.write.bind(storage);
  storage.write = (key, value) => {
    if (key === "fw.ota_1") throw new DeviceError("storage-failed");
    write(key, value);
  };
  world.run();
  world.told.length = 0;
  world.reset("power-on");
  world.run();
  expect(world.told).toEqual(["runs 2.0", "UPDATED"]);
});
