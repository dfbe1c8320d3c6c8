// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError, retryOf } from "../../../modules/core/errors.js";
import { Tally } from "../../../modules/core/tally.js";

describe("DeviceError", () => {
  test("carries its reason, which is its message where there is nothing more to say", () => {
    const error = new DeviceError("dns-failed");
    expect([error.name, error.reason, error.message]).toEqual(["DeviceError", "dns-failed", "dns-failed"]);
  });

  test("keeps message and cause", () => {
    const cause = new Error("flash");
    const error = new DeviceError("storage-failed", "nvs: cannot write boot", { cause });
    expect(error.message).toBe("nvs: cannot write boot");
    expect(error.cause).toBe(cause);
  });

  test("refused credentials go by the slow ladder, a lost link by the quick one, nonsense is not retried", () => {
    expect(
      ["refused-authorization", "connection-reset", "malformed-json"].map((reason) => retryOf(reason as "dns-failed")),
    ).toEqual(["slowly", "soon", "never"]);
  });
});

describe("Tally", () => {
  test("counts by reason and visits what was counted", () => {
    const tally = new Tally();
    tally.add("dns-failed");
    tally.add("wifi-lost");
    tally.add("dns-failed");
    const counts: [string, number][] = [];
    tally.forEach((reason, count) => {
      counts.push([reason, count]);
    });
    expect(counts).toEqual([
      ["dns-failed", 2],
      ["wifi-lost", 1],
    ]);
    expect(tally.of("wifi-timeout")).toBe(0);
    expect(tally.total).toBe(3);
  });
});
