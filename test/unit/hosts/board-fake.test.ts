// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FakeBoard } from "../../fakes/board.js";
import { PowerCut } from "../../fakes/flash.js";

const image = Uint8Array.of(1, 2, 3, 4);

/** A board on which "ota_1" was selected. */
function selected(): FakeBoard {
  const board = new FakeBoard();
  board.openFlash("ota_1").write(image, 0);
  board.bootLoader.select();
  return board;
}

function stateOf({ bootLoader }: FakeBoard): readonly unknown[] {
  return [bootLoader.running, bootLoader.next, bootLoader.isOnTrial, bootLoader.isNextRejected];
}

describe("fake board", () => {
  test("boots what was flashed, which is not on trial, and has nothing in the other slot", () => {
    const board = new FakeBoard();
    expect(stateOf(board)).toEqual(["ota_0", "ota_1", false, false]);
    board.reset("panic");
    expect(stateOf(board)).toEqual(["ota_0", "ota_1", false, false]);
    expect(board.resetReason).toBe("panic");
    expect(() => board.bootLoader.select()).toThrow("image-refused");
  });

  test("runs a selected image on trial from the next reset on, and keeps it once it is confirmed", () => {
    const board = selected();
    expect(stateOf(board)).toEqual(["ota_0", "ota_1", false, false]);
    board.reset();
    expect(stateOf(board)).toEqual(["ota_1", "ota_0", true, false]);
    board.bootLoader.confirm();
    board.reset();
    expect(stateOf(board)).toEqual(["ota_1", "ota_0", false, false]);
  });

  test("returns from a trial that ends unconfirmed, and the image is rejected until it is selected again", () => {
    const board = selected();
    board.reset();
    board.reset("panic");
    board.reset();
    expect(stateOf(board)).toEqual(["ota_0", "ota_1", false, true]);
    board.bootLoader.select();
    expect(board.bootLoader.isNextRejected).toBe(false);
    board.reset();
    expect(board.bootLoader.running).toBe("ota_1");
  });

  test("passes over an image that was spoiled after it was selected", () => {
    const board = selected();
    board.partition("ota_1").corrupt(0, [255]);
    board.reset();
    expect(stateOf(board)).toEqual(["ota_0", "ota_1", false, false]);
  });

  test("refuses to write to the slot that runs, and to the one that a trial returns to", () => {
    const board = selected();
    expect(() => board.openFlash("ota_0").eraseBlock(0)).toThrow("storage-failed");
    board.reset();
    for (const slot of ["ota_0", "ota_1"]) expect(() => board.openFlash(slot).eraseBlock(0)).toThrow("storage-failed");
    board.bootLoader.confirm();
    board.openFlash("ota_0").eraseBlock(0);
  });

  test.each([0, 1, 2, 3])(
    "a power cut with tear %d at any step leaves a board that boots, and ends everything",
    (tear) => {
      for (let step = 1; step <= 5; step++) {
        const board = new FakeBoard();
        board.cutAt(step, tear);
        const update = () => {
          const flash = board.openFlash("ota_1");
          flash.eraseBlock(0);
          flash.write(image, 0);
          board.storage.write("key", image);
          board.bootLoader.select();
          board.storage.delete("key");
        };
        expect(update).toThrow(PowerCut);
        expect([board.isCut, board.operations]).toEqual([true, step]);
        expect(() => board.storage.read("key")).toThrow(PowerCut);
        expect(() => board.openFlash("xs").read(new Uint8Array(1), 0)).toThrow(PowerCut);
        expect(() => board.bootLoader.confirm()).toThrow(PowerCut);
        board.reset();
        const isSelected = step > 4 || (step === 4 && tear % 2 === 1);
        expect([board.resetReason, board.bootLoader.running]).toEqual(["power-on", isSelected ? "ota_1" : "ota_0"]);
        expect(board.storage.read("key") !== undefined).toBe(
          step > 3 + (tear % 2 === 1 ? -1 : 0) && !(step === 5 && tear % 2 === 1),
        );
      }
    },
  );

  test("has no application where the slot is erased, else what the test makes of it", () => {
    const board = new FakeBoard();
    expect(board.applicationSlot.load()).toBeUndefined();
    board.openFlash("xs").write(image, 0);
    expect(() => board.applicationSlot.load()).toThrow("image-refused");
    board.loadApplication = (contents) => contents[2];
    expect(board.applicationSlot.load()).toBe(3);
  });
});
