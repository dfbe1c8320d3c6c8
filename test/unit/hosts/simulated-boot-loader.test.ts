// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { SimulatedBootLoader } from "../../../hosts/simulator/boot-loader.js";
import { FakeFlash } from "../../fakes/flash.js";
import { text } from "../../fakes/text.js";

const good = "xsthing-simulated-image good\n";
const crash = "xsthing-simulated-image crash\n";

function createBoard() {
  const files = new Map<string, Uint8Array>();
  const slots = new Map([
    ["ota_0", new FakeFlash()],
    ["ota_1", new FakeFlash()],
  ]);
  let isDiskFull = false;
  const folder = {
    read: (name: string) => files.get(name),
    write: (name: string, content: Uint8Array) => {
      if (isDiskFull) throw new Error("disk full");
      files.set(name, content);
    },
  };
  return {
    boot: () =>
      new SimulatedBootLoader(folder, text, (path) => {
        const flash = slots.get(path);
        if (flash === undefined) throw new Error(path);
        return flash;
      }),
    bring: (path: string, image: string) => {
      const flash = slots.get(path);
      flash?.eraseBlock(0);
      flash?.write(Buffer.from(image), 0);
    },
    fillDisk: () => {
      isDiskFull = true;
    },
  };
}

function stateOf({ running, next, isOnTrial, isNextRejected }: SimulatedBootLoader): string {
  return `${running} ${next}${isOnTrial ? " on trial" : ""}${isNextRejected ? " rejected" : ""}`;
}

describe("simulated boot loader", () => {
  test("an image is tried, confirmed and stays", () => {
    const { boot, bring } = createBoard();
    const before = boot();
    expect(stateOf(before)).toBe("ota_0 ota_1");
    bring("ota_1", good);
    before.select();
    expect(stateOf(before)).toBe("ota_0 ota_1");
    const trial = boot();
    expect(stateOf(trial)).toBe("ota_1 ota_0 on trial");
    trial.confirm();
    expect(stateOf(trial)).toBe("ota_1 ota_0");
    expect(stateOf(boot())).toBe("ota_1 ota_0");
  });

  test("one that is not confirmed is rejected by the next start, whatever that is", () => {
    const { boot, bring } = createBoard();
    bring("ota_1", crash);
    const before = boot();
    before.select();
    expect(before.isCrashing).toBe(false);
    expect(boot().isCrashing).toBe(true);
    const after = boot();
    expect(stateOf(after)).toBe("ota_0 ota_1 rejected");
    expect(after.isCrashing).toBe(false);
    after.select();
    expect(after.isNextRejected).toBe(false);
  });

  test.each(["", "xsthing-simulated-image", "MZ"])("%j is no image, and changes nothing", (image) => {
    const { boot, bring } = createBoard();
    bring("ota_1", image);
    const bootLoader = boot();
    expect(() => bootLoader.select()).toThrow("image-refused");
    expect(stateOf(boot())).toBe("ota_0 ota_1");
  });

  test("while on trial nothing else is tried, and what it returns to is not written", () => {
    const { boot, bring } = createBoard();
    bring("ota_1", good);
    bring("ota_0", good);
    const before = boot();
    expect(before.refusalOf("ota_0")).toContain("runs");
    expect(before.refusalOf("ota_1")).toBeUndefined();
    before.select();
    const trial = boot();
    expect(() => trial.select()).toThrow("image-refused");
    expect(trial.refusalOf("ota_0")).toContain("trial");
    expect(trial.refusalOf("journal")).toBeUndefined();
    trial.confirm();
    expect(trial.refusalOf("ota_0")).toBeUndefined();
  });

  test("a disk that is full is storage-failed, and nothing has changed", () => {
    const { boot, bring, fillDisk } = createBoard();
    bring("ota_1", good);
    const bootLoader = boot();
    fillDisk();
    expect(() => bootLoader.select()).toThrow("storage-failed");
    expect(stateOf(bootLoader)).toBe("ota_0 ota_1");
    expect(stateOf(boot())).toBe("ota_0 ota_1");
  });
});
