// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ThingsBoardOta } from "../../../modules/cloud/thingsboard-ota.js";
import type { Reason } from "../../../modules/core/errors.js";
import { text } from "../../fakes/text.js";

const firmware = new ThingsBoardOta(text, "fw");
const software = new ThingsBoardOta(text, "sw");

function request(length: number): string {
  const into = new Uint8Array(10).fill(0x78);
  const digits = firmware.writeRequest(into, length);
  expect(into.subarray(digits).every((byte) => byte === 0x78)).toBe(true);
  return text.decode(into, 0, digits);
}

describe("ThingsBoardOta", () => {
  test("names the attributes of an offer", () => {
    expect(firmware.names).toEqual({
      title: "fw_title",
      version: "fw_version",
      tag: "fw_tag",
      size: "fw_size",
      checksum: "fw_checksum",
      algorithm: "fw_checksum_algorithm",
      url: "fw_url",
      signature: "fw_signature",
    });
    expect(Object.values(software.names).every((name) => name.startsWith("sw_"))).toBe(true);
  });

  test("names the telemetry of an update", () => {
    expect(software.keys).toEqual({
      state: "sw_state",
      error: "sw_error",
      progress: "sw_progress",
      currentTitle: "current_sw_title",
      currentVersion: "current_sw_version",
    });
  });

  test("has topics of its own for each kind, but for errors", () => {
    expect(firmware.requestTopic(12, 3)).toBe("v2/fw/request/12/chunk/3");
    expect(software.requestTopic(2 ** 31 - 1, 0)).toBe("v2/sw/request/2147483647/chunk/0");
    expect(firmware.responseFilter).toBe("v2/fw/response/+/chunk/+");
    expect(software.responseFilter).toBe("v2/sw/response/+/chunk/+");
    expect([firmware.errorTopic, software.errorTopic]).toEqual(["v2/fw/error", "v2/fw/error"]);
  });

  test.each<[string, number, number]>([
    ["v2/fw/response/12/chunk/3", 12, 3],
    ["v2/fw/response/0/chunk/0", 0, 0],
    ["v2/fw/response/2147483647/chunk/2147483647", 2_147_483_647, 2_147_483_647],
    ["v2/fw/response/2147483648/chunk/2147483648", -1, -1],
    ["v2/fw/response/-1/chunk/-1", -1, -1],
    ["v2/fw/response//chunk/", -1, -1],
    ["v2/fw/response/1x/chunk/x1", -1, -1],
    ["v2/sw/response/12/chunk/3", -1, 3],
    ["v2/fw/request/12/chunk/3", -1, 3],
    ["v2/fw/response/12", -1, 12],
    ["v2/fw/response", -1, -1],
    ["", -1, -1],
    ["7", -1, 7],
  ])("reads %j as request %d, chunk %d", (topic, id, chunk) => {
    expect([firmware.responseId(topic), firmware.responseChunk(topic)]).toEqual([id, chunk]);
  });

  test.each([1, 9, 10, 99, 100, 512, 4_096, 65_536, 999_999_999, 1_000_000_000, 2 ** 32 - 1])(
    "asks for %d bytes in digits",
    (length) => {
      expect(request(length)).toBe(String(length));
    },
  );

  test.each<[string, Reason]>([
    ["NOT_FOUND", "package-not-found"],
    ["FAILURE", "package-unavailable"],
    ["UNKNOWN", "package-unavailable"],
    ["PAYLOAD_TOO_LARGE", "payload-too-large"],
    ["NOT_FOUND ", "package-unavailable"],
    ["constructor", "package-unavailable"],
    ["", "package-unavailable"],
  ])("understands the error %j as %s", (words, reason) => {
    const bytes = new TextEncoder().encode(`${words}rest`);
    expect(firmware.readError(bytes, bytes.length - 4)).toBe(reason);
  });
});
