// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { storageCases } from "../../contract/host/storage-cases.js";
import { PowerCut } from "../../fakes/flash.js";
import { FakeStorage } from "../../fakes/storage.js";

const one = new Uint8Array([1]);
const two = new Uint8Array([2]);

describe("fake storage", () => {
  test.each(storageCases)("$name", (storageCase) => {
    let isDone = false;
    storageCase.run(
      { storage: new FakeStorage() } as never,
      () => {
        isDone = true;
      },
      { echo: 0, bye: 0, reset: 0, flood: 0, refused: 0, tls: {} } as never,
    );
    expect(isDone).toBe(true);
  });

  test.each([
    ["before", false],
    ["after", true],
  ])("loses its power %s the operation it is told, and does nothing more until it is back", (_, isDone) => {
    const storage = new FakeStorage();
    storage.write("a", one);
    storage.cutAt(2, isDone);
    storage.write("a", two);
    expect(() => storage.delete("a")).toThrow(PowerCut);
    expect(storage.isCut).toBe(true);
    expect(() => storage.write("b", one)).toThrow(PowerCut);
    expect(() => storage.read("a")).toThrow(PowerCut);
    storage.restore();
    expect(storage.read("a")).toEqual(isDone ? undefined : two);
    expect(storage.read("b")).toBeUndefined();
    expect(storage.operations).toEqual(["a", "a", "-a"]);
  });

  test("that is full can be read, one that is broken cannot", () => {
    const storage = new FakeStorage();
    storage.write("a", one);
    storage.isFull = true;
    expect(() => storage.write("a", two)).toThrow(DeviceError);
    expect(storage.read("a")).toEqual(one);
    storage.isBroken = true;
    expect(() => storage.read("a")).toThrow(DeviceError);
  });
});
