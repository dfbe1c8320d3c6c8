// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { boot, FileBootLoader, resetToFactory } from "../../../hosts/node/boot-loader.js";
import { formatImage } from "../../../hosts/node/image.js";

const image = formatImage("firmware", "xs", "1;");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xsthing-"));
  mkdirSync(join(folder, "flash"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(slot: string, bytes = image): void {
  writeFileSync(join(folder, "flash", slot), bytes);
}

/** Boots, and tells what runs and how the firmware sees it. */
function bootAndLook(): string {
  const { slot, image: booted, isOnTrial } = boot(folder, "xs");
  const loader = new FileBootLoader(folder, "xs");
  expect([loader.running, loader.isOnTrial]).toEqual([slot, isOnTrial]);
  return `${slot} ${booted ? "image" : "built in"} ${isOnTrial ? "trial" : "valid"} ${loader.isNextRejected}`;
}

function select(): void {
  new FileBootLoader(folder, "xs").select();
}

describe("boot loader in files", () => {
  test("an empty board boots what is built in, and keeps no record of it", () => {
    expect(bootAndLook()).toBe("ota_0 built in valid false");
    expect(existsSync(join(folder, "otadata"))).toBe(false);
  });

  test("an image is booted on trial once, and then not again until it is selected again", () => {
    put("ota_1");
    expect(bootAndLook()).toBe("ota_0 built in valid false");
    select();
    expect(bootAndLook()).toBe("ota_1 image trial false");
    expect(bootAndLook()).toBe("ota_0 built in valid true");
    expect(bootAndLook()).toBe("ota_0 built in valid true");
    select();
    expect(new FileBootLoader(folder, "xs").isNextRejected).toBe(false);
    expect(bootAndLook()).toBe("ota_1 image trial false");
  });

  test("a confirmed image stays, the next one goes where the firmware that is built in was, and a failed one leads back", () => {
    put("ota_1");
    select();
    boot(folder, "xs");
    new FileBootLoader(folder, "xs").confirm();
    expect(bootAndLook()).toBe("ota_1 image valid false");
    put("ota_0");
    select();
    expect(bootAndLook()).toBe("ota_0 image trial false");
    expect(bootAndLook()).toBe("ota_1 image valid true");
  });

  test("the firmware that is built in can be selected as long as nothing was written in its place", () => {
    put("ota_1");
    select();
    boot(folder, "xs");
    new FileBootLoader(folder, "xs").confirm();
    select();
    expect(bootAndLook()).toBe("ota_0 built in trial false");
    new FileBootLoader(folder, "xs").confirm();
    put("ota_0", new Uint8Array(100).fill(255));
    expect(() => boot(folder, "xs")).not.toThrow();
    expect(bootAndLook()).toBe("ota_1 image valid true");
    expect(select).toThrow("ota_0 is empty");
  });

  test("what is on trial selects nothing, and what it returns to cannot be written to", () => {
    put("ota_1");
    select();
    boot(folder, "xs");
    expect(select).toThrow("image-refused: ota_1 is on trial");
    const loader = new FileBootLoader(folder, "xs");
    expect(loader.refusalOf("ota_0")).toContain("trial");
    expect(loader.refusalOf("ota_1")).toContain("runs");
    expect(loader.refusalOf("xs")).toBeUndefined();
    loader.confirm();
    expect(loader.refusalOf("ota_0")).toBeUndefined();
  });

  test("an image that is refused changes nothing", () => {
    put("ota_1", formatImage("firmware", "node", "1;"));
    expect(select).toThrow("image-refused: ota_1 holds an image for --engine node");
    expect(existsSync(join(folder, "otadata"))).toBe(false);
  });

  test("an image that is confirmed, but for the other engine, is passed over and rejected", () => {
    put("ota_1");
    select();
    boot(folder, "xs");
    new FileBootLoader(folder, "xs").confirm();
    expect(boot(folder, "node")).toMatchObject({ slot: "ota_0", image: undefined, refusals: [expect.any(String)] });
    expect(new FileBootLoader(folder, "node").isNextRejected).toBe(true);
  });

  test("where the choice cannot be stored, select and confirm are storage-failed and nothing changed", () => {
    put("ota_1");
    mkdirSync(join(folder, "otadata.new"));
    expect(select).toThrow("storage-failed");
    rmSync(join(folder, "otadata.new"), { recursive: true });
    expect(bootAndLook()).toBe("ota_0 built in valid false");
    select();
    boot(folder, "xs");
    mkdirSync(join(folder, "otadata.new"));
    const loader = new FileBootLoader(folder, "xs");
    expect(() => loader.confirm()).toThrow("storage-failed");
    expect(loader.isOnTrial).toBe(true);
  });

  test("an image on trial is not booted where that cannot be recorded", () => {
    put("ota_1");
    select();
    mkdirSync(join(folder, "otadata.new"));
    expect(() => boot(folder, "xs")).toThrow("storage-failed");
  });

  test("a record that was damaged is that of a new board", () => {
    put("ota_1");
    select();
    writeFileSync(join(folder, "otadata"), readFileSync(join(folder, "otadata"), "utf8").slice(0, -2));
    expect(bootAndLook()).toBe("ota_0 built in valid false");
  });

  test("the way back to what is built in takes uploaded firmware and application along, and nothing else", () => {
    for (const slot of ["ota_0", "ota_1", "xs", "journal"]) put(slot);
    select();
    resetToFactory(folder);
    expect(bootAndLook()).toBe("ota_0 built in valid false");
    expect(["ota_0", "xs", "journal"].map((name) => existsSync(join(folder, "flash", name)))).toEqual([
      false,
      false,
      true,
    ]);
    resetToFactory(join(folder, "nowhere"));
  });
});
