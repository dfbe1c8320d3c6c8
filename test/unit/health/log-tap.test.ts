// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { LogTap } from "../../../modules/health/log-tap.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

function setUp() {
  const log = new FakeLog();
  const tap = new LogTap(log);
  const heard: unknown[] = [];
  tap.listen((...line) => heard.push(line));
  return { log, tap, heard };
}

describe("LogTap", () => {
  test("passes each line on, with and without a reason, and tells it to who listens", () => {
    const { log, tap, heard } = setUp();
    tap.write("info", "session.live", "3 subscriptions");
    tap.write("warning", "wifi.lost", "", "wifi-lost");
    expect(log.entries).toEqual([
      { level: "info", event: "session.live", detail: "3 subscriptions", reason: undefined },
      { level: "warning", event: "wifi.lost", detail: "", reason: "wifi-lost" },
    ]);
    expect(heard).toEqual([
      ["info", "session.live", "3 subscriptions", undefined],
      ["warning", "wifi.lost", "", "wifi-lost"],
    ]);
  });

  test("veils secrets wherever they appear, for the platform and for who listens", () => {
    const { log, tap, heard } = setUp();
    tap.hideAll(["A1B2C3", undefined, "hunter22"]);
    tap.write("error", "app.failed", "token A1B2C3A1B2C3, password hunter22.");
    expect(log.entries[0]?.detail).toBe("token ******, password ***.");
    expect(heard).toEqual([["error", "app.failed", "token ******, password ***.", undefined]]);
  });

  test("leaves alone what is too short to be a secret", () => {
    const { log, tap } = setUp();
    tap.hideAll(["abc", ""]);
    tap.write("info", "app.step", "abc");
    expect(log.entries[0]?.detail).toBe("abc");
  });

  test("knows the last 16 secrets that it learned, each once, and those of the beginning for ever", () => {
    const { tap } = setUp();
    tap.hideAll(["from the beginning"]);
    for (let index = 0; index < 17; index += 1) tap.hideLearned([`secret-${index}-`, "secret-16-"]);
    expect(tap.veiled("secret-0-")).toBe("secret-0-");
    expect(tap.veiled("secret-2-")).toBe("***");
    expect(tap.veiled("secret-16-")).toBe("***");
    expect(tap.veiled("from the beginning")).toBe("***");
  });

  test("veils the whole of a secret that begins with another", () => {
    const { tap } = setUp();
    tap.hideAll(["home", "home-sweet-token"]);
    expect(tap.veiled("home-sweet-token at home")).toBe("*** at ***");
  });

  test("veils what is left of a secret at the end of a text that was cut off, and not what only begins alike", () => {
    const { tap } = setUp();
    tap.hideAll(["A1B2C3D4E5F6", "-----BEGIN PRIVATE KEY-----AAAA"]);
    const long = "x".repeat(100);
    expect(tap.veiled(`${long} A1B2C3D4`)).toBe(`${long} ***`);
    expect(tap.veiled(`${long} -----BEGIN PRIV`)).toBe(`${long} ***`);
    expect(tap.veiled(`${long} A1B2C3D4, no token`)).toBe(`${long} A1B2C3D4, no token`);
    expect(tap.veiled("the beginning is A1B2")).toBe("the beginning is A1B2");
  });

  test("veils a secret in the detail of a failure before that is cut", () => {
    const { log, tap } = setUp();
    tap.hideAll(["A1B2C3D4E5F6"]);
    new FailureLog(new FakeClock(), tap, "room.failed").add("malformed-json", `${"x".repeat(115)}A1B2C3D4E5F6`);
    expect(log.entries[0]?.detail).toBe(`${"x".repeat(115)}***, count 1`);
  });

  test("tells what a listener logs to the platform only, so that no line is the cause of another", () => {
    const { log, tap } = setUp();
    let count = 0;
    tap.listen(() => {
      count += 1;
      tap.write("warning", "app.loop", "again");
    });
    tap.write("info", "app.step", "");
    expect(count).toBe(1);
    expect(log.events()).toEqual(["app.step", "app.loop"]);
    tap.write("info", "app.step", "");
    expect(count).toBe(2);
  });
});
