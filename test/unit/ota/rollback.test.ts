// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import { UpdatedDevice } from "./updated-device.js";

const image = Uint8Array.of(1, 2, 3);

/** A device that could return to other firmware, and has application code on its way: downloaded, and held up by the gate. */
function waiting(): UpdatedDevice & { open: () => void } {
  const device = new UpdatedDevice();
  const { board } = device;
  board.partition("ota_1").corrupt(0, [1]);
  board.storage.write("fw.ota_1", new TextEncoder().encode('{"title":"f","version":"0"}'));
  device.boot();
  let isOpen = false;
  device.ota.onReady((step) => step === "download" || isOpen);
  device.connect();
  const digest = createDigest("CRC32");
  digest.update(image, 0, image.length);
  device.offer({
    ...{ sw_title: "s", sw_version: "2", sw_size: image.length, sw_checksum: digest.finish() },
    sw_checksum_algorithm: "CRC32",
  });
  const [, , , id] = device.link.published.pop()?.topic.split("/") ?? [];
  device.link.deliver(`v2/sw/response/${id}/chunk/0`, image);
  device.clock.advance(1_000);
  expect(device.told).toContain("sw_state VERIFIED");
  return Object.assign(device, {
    open: () => {
      isOpen = true;
    },
  });
}

function phaseOf(device: UpdatedDevice, key: string): string {
  return JSON.parse(new TextDecoder().decode(device.board.storage.read(key))).phase;
}

test("application code does not come between a return of the firmware and its restart, which would end the trial", () => {
  const device = waiting();
  device.ota.rollBack("firmware");
  device.open();
  device.clock.advance(60_000);
  expect(phaseOf(device, "sw.update")).toBe("downloading");
  device.reset();
  expect(device.board.bootLoader).toMatchObject({ running: "ota_1", isOnTrial: true });
  device.connect();
  expect(device.board.bootLoader.isOnTrial).toBe(false);
});

test("the firmware does not return to the one before while application code is about to run, or on trial", () => {
  const device = waiting();
  device.open();
  device.clock.advance(10_000);
  expect(phaseOf(device, "sw.update")).toBe("selected");
  expect(() => device.ota.rollBack("firmware")).toThrow(DeviceError);
  device.reset();
  device.board.loadApplication = () => ({ framework: "0.1", default: () => undefined });
  device.reset();
  expect(() => device.ota.rollBack("firmware")).toThrow("not during a trial");
  device.connect();
  device.ota.rollBack("firmware");
  expect(phaseOf(device, "fw.update")).toBe("selected");
});

test("application code goes on where the firmware could not return", () => {
  const device = waiting();
  device.board.isOtaDataBroken = true;
  device.ota.rollBack("firmware");
  expect(device.told).toContain("fw_state FAILED");
  device.open();
  device.clock.advance(20_000);
  expect(phaseOf(device, "sw.update")).toBe("selected");
});
