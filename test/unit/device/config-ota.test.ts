// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { completeConfig } from "../../../modules/device/config.js";
import { text } from "../../fakes/text.js";

const least = { server: { host: "h" }, credentials: { token: "t" }, wifi: [{ SSID: "home" }] };

function complete(config: object): ReturnType<typeof completeConfig> {
  return completeConfig({ ...least, ...config }, text);
}

describe("config.ota", () => {
  test("has chunks as large as the receive buffer allows", () => {
    expect(complete({ session: { receiveBuffer: 4_160 } }).ota.chunkSize).toBe(4_096);
    expect(complete({ session: { receiveBuffer: 4_159 } }).ota.chunkSize).toBe(2_048);
    expect(complete({ session: { receiveBuffer: 512 } }).ota.chunkSize).toBe(256);
  });

  test("takes what is in range", () => {
    const ota = {
      ...{ chunkSize: 16_384, window: 64, trialDeadline: 3_600_000, publicKey: "PEM", ca: "CA" },
      ...{ maintenance: { start: "02:00", end: "04:00" }, minimumFreeHeap: 40_000, minimumBattery: 30 },
    };
    expect(complete({ ota, session: { receiveBuffer: 20_000 } }).ota).toEqual(ota);
  });

  test("trusts for https whom it trusts for the session, unless told otherwise", () => {
    const server = { host: "h", tls: { ca: "SERVER" } };
    expect(complete({ server }).ota.ca).toBe("SERVER");
    expect(complete({ server, ota: { ca: "OTHER" } }).ota.ca).toBe("OTHER");
  });

  test.each([
    ["chunkSize", 4_097, "not a power of two"],
    ["chunkSize", 256, "not an integer from 512"],
    ["chunkSize", 8_192, "over config.session.receiveBuffer less 64"],
    ["window", 0, "not an integer from 1"],
    ["window", 65, "not an integer from 1 to 64"],
    ["trialDeadline", 9_999, "not an integer from 10000"],
    ["publicKey", "", "0 characters"],
    ["ca", 5, "not a string"],
    ["maintenance", { start: "2:00", end: "04:00" }, "start"],
    ["minimumFreeHeap", 0, "not an integer from 1"],
    ["minimumBattery", 101, "not an integer from 1 to 100"],
    ["slot", "ota_0", "no such field"],
  ])("refuses %s %j", (field, value, message) => {
    expect(() => complete({ ota: { [field]: value } })).toThrow(`config.ota.${field}`);
    expect(() => complete({ ota: { [field]: value } })).toThrow(message);
  });
});

describe.each(["firmware", "software"])("config.%s", (kind) => {
  test("is what packages are called", () => {
    expect(complete({ [kind]: { title: "t", version: "1.10" } })).toMatchObject({
      [kind]: { title: "t", version: "1.10" },
    });
  });

  test.each([
    [{ title: "t" }, TypeError, "version: missing"],
    [{ title: "t", version: 1.1 }, TypeError, "version: not a string"],
    [{ title: "", version: "1" }, RangeError, "title: 0 characters"],
    [{ title: "t", version: "ü".repeat(128) }, RangeError, "version: 256 octets"],
    [{ title: "t", version: "1", tag: "x" }, RangeError, "tag: no such field"],
  ])("refuses %j", (value, error, message) => {
    expect(() => complete({ [kind]: value })).toThrow(error);
    expect(() => complete({ [kind]: value })).toThrow(`config.${kind}.${message}`);
  });
});
