// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { createLog, formatHuman, formatJson, parseEntry } from "../../../hosts/node/log.js";

const entry = { time: "2026-01-02T03:04:05.678Z", level: "warning", event: "wifi.failed", detail: "home" } as const;

describe("lifecycle lines", () => {
  test("people read time of day, level, event, detail and reason", () => {
    expect(formatHuman({ ...entry, reason: "wifi-refused" })).toBe(
      "03:04:05.678 warning wifi.failed          home (wifi-refused)",
    );
    expect(formatHuman({ ...entry, detail: "" })).toBe("03:04:05.678 warning wifi.failed");
  });

  test("programs read the same as JSON, and get it back", () => {
    const line = formatJson({ ...entry, reason: "wifi-refused" });
    expect(parseEntry(line)).toEqual({ ...entry, reason: "wifi-refused" });
  });

  test("a line of the server is an entry, too: its members are the detail", () => {
    const line = JSON.stringify({ time: 1_767_323_045_678, event: "telemetry", points: 2, keys: ["a", "b"] });
    expect(parseEntry(line)).toEqual({ ...entry, level: "info", event: "telemetry", detail: "points 2, keys a,b" });
  });

  test.each(["", "text", "{", "{}", '{"event":1}', "[1]"])("%j is no entry", (line) => {
    expect(parseEntry(line)).toBeUndefined();
  });

  test("a step is one line, with a reason where there is one", () => {
    const lines: string[] = [];
    const log = createLog(formatJson, (line) => lines.push(line));
    log.write("info", "session.live", "at last");
    log.write("error", "session.disconnected", "", "connection-reset");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "info", event: "session.live", detail: "at last" },
      { level: "error", event: "session.disconnected", detail: "", reason: "connection-reset" },
    ]);
    expect(lines[0]).not.toContain("reason");
  });
});
