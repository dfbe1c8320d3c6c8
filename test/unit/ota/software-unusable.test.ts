// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { type ApplicationModule, frameworkVersion } from "../../../modules/device/application.js";
import { UpdatedDevice } from "./updated-device.js";

/** Application code is on its way into the partition from which it runs. */
function brought(load: () => unknown): UpdatedDevice {
  const device = new UpdatedDevice();
  const { board } = device;
  const store = (key: string, value: object): void =>
    board.storage.write(key, new TextEncoder().encode(JSON.stringify(value)));
  board.loadApplication = load;
  board.partition("xs_next").corrupt(0, [1]);
  store("sw.state", { state: "selected" });
  store("sw.update", { phase: "selected", mark: 7, slot: "xs_next", title: "s", version: "2", isChosen: true });
  expect(device.boot()).toBe(false);
  device.reset();
  return device;
}

/** It runs, and stays. */
function confirmed(): UpdatedDevice {
  const module: ApplicationModule = { framework: frameworkVersion, default: () => undefined };
  const device = brought(() => module);
  device.attributes = {
    ...{ sw_title: "s", sw_version: "2", sw_size: 1, sw_checksum: "00000000", sw_checksum_algorithm: "CRC32" },
  };
  device.connect();
  expect(device.told).toEqual(expect.arrayContaining(["sw_state UPDATED", "current_sw_version 2"]));
  device.told.length = 0;
  return device;
}

test("a package that the platform cannot load has failed its trial, although the firmware's own application is well", () => {
  const device = brought(() => undefined);
  device.connect();
  expect(device.told).not.toContain("sw_state UPDATED");
  expect(device.restarts).toEqual(["new application", "trial failed"]);
  device.reset();
  device.connect();
  expect(device.told).toContain("current_sw_version 1");
  expect(device.told.filter((line) => line.startsWith("sw_error")).pop()).toMatch(/^sw_error image-refused: /);
});

test.each([
  ["of another framework", () => ({ framework: "0.0", default: () => undefined }), "wrong-framework"],
  ["that the platform loads no more", () => undefined, "image-refused"],
])("a new firmware does not say that application code runs %s", (_, load, reason) => {
  const device = confirmed();
  device.board.loadApplication = load;
  device.reset();
  device.connect();
  expect(device.told).toContain("current_sw_version 1");
  expect(device.told).not.toContain("current_sw_version 2");
  expect(device.told).toContain("sw_state FAILED");
  expect(device.told.filter((line) => line.startsWith("sw_error")).pop()).toContain(reason);
});

test("application code that another firmware could not run runs again under the one before", () => {
  const device = confirmed();
  const { loadApplication } = device.board;
  device.board.loadApplication = () => undefined;
  device.reset();
  device.connect();
  device.board.loadApplication = loadApplication;
  device.told.length = 0;
  device.reset();
  device.connect();
  expect(device.told).toEqual(expect.arrayContaining(["sw_state UPDATED", "current_sw_version 2"]));
});

test("an empty partition is no failure where nothing was brought", () => {
  const device = new UpdatedDevice();
  device.boot();
  device.connect();
  expect(device.log.events()).not.toContain("ota.application");
  expect(device.told).not.toContain("sw_state FAILED");
});

test("a trial does not pass in safe mode, in which nothing of it runs", () => {
  let runs = 0;
  const device = brought(() => ({ framework: frameworkVersion, default: () => (runs += 1) }));
  device.board.storage.write("sw.state", new TextEncoder().encode('{"state":"ready"}'));
  device.board.reset("panic");
  const before = runs;
  device.boot(undefined, true);
  device.connect();
  expect(device.told).not.toContain("sw_state UPDATED");
  while (!device.reset());
  device.connect();
  expect(runs).toBe(before + 1);
  expect(device.told).toContain("sw_state UPDATED");
});
