// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BootRecord, noteBoot } from "../../../hosts/node/boot-record.js";
import { FileStore } from "../../../hosts/node/storage.js";
import { DeviceError } from "../../../modules/core/errors.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xsthing-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("key-value storage in files", () => {
  test("outlives the one who wrote it", () => {
    new FileStore(folder).write("key", new Uint8Array([1, 2]));
    expect(new FileStore(folder).read("key")).toEqual(new Uint8Array([1, 2]));
  });

  test("a write that was cut short by a power loss changes nothing", () => {
    const store = new FileStore(folder);
    store.write("key", new Uint8Array([1]));
    writeFileSync(join(folder, "key.new"), "half");
    expect(store.read("key")).toEqual(new Uint8Array([1]));
    store.write("key", new Uint8Array([2]));
    expect(store.read("key")).toEqual(new Uint8Array([2]));
    expect(readdirSync(folder)).toEqual(["key"]);
  });

  test("what cannot be stored is storage-failed, by name", () => {
    const store = new FileStore(folder);
    mkdirSync(join(folder, "key.new"));
    expect(() => store.write("key", new Uint8Array([1]))).toThrow(DeviceError);
    expect(() => store.write("key", new Uint8Array([1]))).toThrow(/^storage-failed/);
  });
});

describe("boot record", () => {
  test("the first start is a power-on", () => {
    expect(new BootRecord(folder).resetReason).toBe("power-on");
  });

  test.each(["power-on", "software", "watchdog", "panic"] as const)(
    "an end for %s is the reason of the next start",
    (end) => {
      new BootRecord(folder).end(end);
      expect(new BootRecord(folder).resetReason).toBe(end);
    },
  );

  test("a run that came to no end was a power cut, which takes the trail with it, and only once", () => {
    new BootRecord(folder).write("trail");
    const second = new BootRecord(folder);
    expect([second.resetReason, second.trail, second.error]).toEqual(["power-on", "", ""]);
    second.write("trail");
    second.end("software");
    const third = new BootRecord(folder);
    expect([third.resetReason, third.trail]).toEqual(["software", "trail"]);
  });

  test("a reason is good for one boot, also where that does not come as far as the firmware", () => {
    new BootRecord(folder).end("panic", "Error: broken\nhere");
    noteBoot(folder);
    const second = new BootRecord(folder);
    expect([second.resetReason, second.error]).toEqual(["panic", "Error: broken here"]);
    second.end("software");
    noteBoot(folder);
    noteBoot(folder);
    expect(new BootRecord(folder).resetReason).toBe("power-on");
    noteBoot(folder);
    expect(new BootRecord(folder).resetReason).toBe("power-on");
  });
});
