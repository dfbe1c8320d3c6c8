// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import {
  choice,
  flag,
  mqttAddress,
  port,
  readOptions,
  required,
  seconds,
  text,
  UsageError,
} from "../../../hosts/node/options.js";

const options = {
  server: mqttAddress,
  token: text,
  engine: choice("xs", "node"),
  for: seconds,
  "mqtt-port": port,
  json: flag,
};

describe("command line", () => {
  test("gives every option its type, and undefined to those left out", () => {
    const args = ["--server", "mqtt://[::1]:2000", "--for=1.5", "--mqtt-port", "0", "--json", "--engine", "node"];
    expect(readOptions(options, args)).toEqual({
      server: { host: "::1", port: 2000, isSecure: false },
      token: undefined,
      engine: "node",
      for: 1.5,
      "mqtt-port": 0,
      json: true,
    });
  });

  test.each([
    ["mqtt://broker", { host: "broker", port: 1883, isSecure: false }],
    ["mqtt://10.0.0.1:65535/", { host: "10.0.0.1", port: 65_535, isSecure: false }],
    ["mqtts://broker", { host: "broker", port: 8883, isSecure: true }],
    ["mqtts://[::1]:8884", { host: "::1", port: 8884, isSecure: true }],
  ])("reads the address %s", (raw, address) => {
    expect(readOptions(options, ["--server", raw]).server).toEqual(address);
  });

  test("takes an empty token as it is", () => {
    expect(readOptions(options, ["--token", ""]).token).toBe("");
  });

  test.each([
    [["--server", "broker:1883"], "--server"],
    [["--server", "http://broker"], "--server"],
    [["--server", "mqtt://"], "--server"],
    [["--server", "mqtt://broker:0"], "--server"],
    [["--server", "mqtt://broker:65536"], "--server"],
    [["--server", "mqtt://user@broker"], "--server"],
    [["--engine", "v8"], "--engine"],
    [["--for", "0"], "--for"],
    [["--for", "soon"], "--for"],
    [["--for", "1e3"], "--for"],
    [["--for=-1"], "--for"],
    [["--for", "86401"], "--for"],
    [["--mqtt-port", "65536"], "--mqtt-port"],
    [["--mqtt-port", "1.5"], "--mqtt-port"],
    [["--mqtt-port", ""], "--mqtt-port"],
    [["--token"], "--token"],
    [["--json=yes"], "--json"],
    [["--jsno"], "--jsno"],
    [["stray"], "stray"],
  ])("refuses %j and names what is wrong", (args, name) => {
    expect(() => readOptions(options, args)).toThrow(UsageError);
    expect(() => readOptions(options, args)).toThrow(name);
  });

  test("a required option that is missing is named", () => {
    expect(required("x", "token")).toBe("x");
    expect(() => required(undefined, "token")).toThrow("--token");
  });
});
