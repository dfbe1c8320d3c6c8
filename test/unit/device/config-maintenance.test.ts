// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { checkMaintenance } from "../../../modules/device/config-maintenance.js";

const path = "config.ota.maintenance";

describe("checkMaintenance", () => {
  test("takes a window, a copy of which it gives", () => {
    const days = [0, 6];
    const checked = checkMaintenance({ start: "22:00", end: "04:00", days }, path);
    days.push(7);
    expect(checked).toEqual({ start: "22:00", end: "04:00", days: [0, 6] });
    expect(Object.isFrozen(checked)).toBe(true);
    expect(checkMaintenance({ start: "02:00", end: "04:00" }, path)).toEqual({ start: "02:00", end: "04:00" });
  });

  test.each<[unknown, new () => Error, string]>([
    [undefined, TypeError, `${path}: missing`],
    ["02:00-04:00", TypeError, `${path}: not an object`],
    [{ start: "02:00" }, TypeError, `${path}.end: missing`],
    [{ end: "02:00" }, TypeError, `${path}.start: missing`],
    [{ start: 2, end: "04:00" }, TypeError, `${path}.start: not a string`],
    [{ start: "2:00", end: "04:00" }, RangeError, `${path}.start: 4 characters, not 5 to 5`],
    [{ start: "02:00", end: "24:00" }, RangeError, `${path}: end: not a time from 00:00 to 23:59`],
    [{ start: "02:00", end: "02:00" }, RangeError, `${path}: end: the same as start`],
    [{ start: "02:00", end: "04:00", days: 6 }, TypeError, `${path}.days: not an array`],
    [{ start: "02:00", end: "04:00", days: [] }, RangeError, `${path}: days: none`],
    [{ start: "02:00", end: "04:00", days: ["Sun"] }, TypeError, `${path}.days[0]: not a number`],
    [{ start: "02:00", end: "04:00", days: [1, 7] }, RangeError, `${path}.days[1]: not an integer from 0 to 6`],
    [{ start: "02:00", end: "04:00", days: [1, 1] }, RangeError, `${path}.days: one of them twice`],
    [
      { start: "02:00", end: "04:00", zone: "CET" },
      RangeError,
      `${path}.zone: no such field; there are start, end, days`,
    ],
  ])("refuses %j", (value, kind, message) => {
    expect(() => checkMaintenance(value, path)).toThrow(kind);
    expect(() => checkMaintenance(value, path)).toThrow(message);
  });
});
