// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import {
  bootOtaData,
  chooseImage,
  confirmImage,
  formatOtaData,
  freshOtaData,
  type OtaData,
  parseOtaData,
} from "../../../hosts/node/ota-data.js";

const fresh = "ota_0 valid none";
const onTrial = "ota_1 valid trial";

function changed(line: string, step: (data: OtaData) => OtaData): string {
  return formatOtaData(step(parseOtaData(line)));
}

describe("what a boot loader remembers", () => {
  test("as flashed: the first image runs, and is not on trial", () => {
    expect(formatOtaData(freshOtaData())).toBe(fresh);
  });

  test.each(["", "ota_2 valid none", "ota_0 valid", "ota_0 valid none none", "ota_0 valid maybe", "\u0000"])(
    "%j is as good as nothing",
    (line) => {
      expect(formatOtaData(parseOtaData(line))).toBe(fresh);
    },
  );

  test.each([
    ["nothing changes what runs", fresh, fresh],
    ["what was chosen is on trial", "ota_1 valid new", onTrial],
    ["what was on trial is rejected, and the one before runs", onTrial, "ota_0 valid rejected"],
    ["what was rejected stays so", "ota_0 valid rejected", "ota_0 valid rejected"],
    ["what was confirmed runs", "ota_1 valid valid", "ota_1 valid valid"],
    ["the other way round too", "ota_0 trial valid", "ota_1 rejected valid"],
    ["what was on trial is rejected also where it is not what is chosen", "ota_1 trial new", "ota_1 rejected trial"],
  ])("a reset: %s", (_, line, expected) => {
    expect(changed(line, bootOtaData)).toBe(expected);
  });

  test("an image is chosen, again too after it was rejected, and confirmed once", () => {
    expect(changed(fresh, (data) => chooseImage(data, "ota_1"))).toBe("ota_1 valid new");
    expect(changed("ota_0 valid rejected", (data) => chooseImage(data, "ota_1"))).toBe("ota_1 valid new");
    expect(changed(onTrial, (data) => confirmImage(data, "ota_1"))).toBe("ota_1 valid valid");
    expect(changed(fresh, (data) => confirmImage(data, "ota_0"))).toBe(fresh);
  });

  test("confirming the image that runs does not confirm the one that is chosen", () => {
    expect(changed("ota_1 valid new", (data) => confirmImage(data, "ota_0"))).toBe("ota_1 valid new");
  });
});
