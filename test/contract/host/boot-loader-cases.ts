// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../../modules/core/errors.js";
import type { BootLoader, FlashFactory } from "../../../modules/core/ports.js";
import { check, equal } from "../check.js";
import type { HostCase } from "./case.js";

/** A host need not have a boot loader; one that it has must be right. */
interface Booting {
  readonly bootLoader?: BootLoader;
  readonly openFlash: FlashFactory;
}

function fails(step: () => void, reason: string, what: string): void {
  try {
    step();
  } catch (error) {
    check(error instanceof DeviceError, `${what}: threw ${error}`);
    equal((error as DeviceError).reason, reason, what);
    return;
  }
  throw new Error(`${what}: did not fail`);
}

function isAsFlashed({ running, next, isOnTrial, isNextRejected }: BootLoader, slots: string, what: string): void {
  equal(`${running} ${next} ${isOnTrial} ${isNextRejected}`, `${slots} false false`, what);
}

function bootCase(name: string, run: (bootLoader: BootLoader, openFlash: FlashFactory) => void): HostCase<Booting> {
  return {
    name,
    run: ({ bootLoader, openFlash }, done) => {
      if (bootLoader !== undefined) run(bootLoader, openFlash);
      done();
    },
  };
}

/** For a board as it was flashed, whose `next` may hold anything but an image. */
export const bootLoaderCases: readonly HostCase<Booting>[] = [
  bootCase("the two slots for images are different partitions of the same size", (bootLoader, openFlash) => {
    const { running, next } = bootLoader;
    check(running !== next, `both are ${running}`);
    const { size, blockLength } = openFlash(running).status;
    equal(openFlash(next).status.size, size, "size");
    equal(openFlash(next).status.blockLength, blockLength, "blockLength");
  }),
  bootCase("an image that was flashed is not on trial, and stays so when it is confirmed", (bootLoader) => {
    const { running, next } = bootLoader;
    isAsFlashed(bootLoader, `${running} ${next}`, "at boot");
    bootLoader.confirm();
    bootLoader.confirm();
    isAsFlashed(bootLoader, `${running} ${next}`, "confirmed");
  }),
  bootCase("the slot for the next image is erased, written and read back", ({ next }, openFlash) => {
    const flash = openFlash(next);
    const { size, blocks, blockLength } = flash.status;
    for (const block of [0, blocks - 1]) {
      flash.eraseBlock(block);
      const place = block * blockLength;
      const written = new Uint8Array(32).map((_, index) => index + block);
      flash.write(written, place);
      const into = new Uint8Array(32);
      openFlash(next).read(into, place);
      equal(into, written, `block ${block}`);
      flash.eraseBlock(block);
      flash.read(into, place);
      equal(into, new Uint8Array(32).fill(255), `block ${block}, erased`);
    }
    equal(size, blocks * blockLength, "size");
  }),
  bootCase(
    "the slot of the image that runs can be read, and is storage-failed when written to",
    ({ running }, open) => {
      const flash = open(running);
      const before = new Uint8Array(64);
      flash.read(before, 0);
      fails(() => flash.eraseBlock(0), "storage-failed", "eraseBlock");
      fails(() => flash.eraseBlock(flash.status.blocks - 1), "storage-failed", "eraseBlock of the last");
      fails(() => flash.write(new Uint8Array(64), flash.status.size - 64), "storage-failed", "write");
      const after = new Uint8Array(64);
      flash.read(after, 0);
      equal(after, before, "contents");
    },
  ),
  bootCase("what is no image is image-refused, and nothing has changed", (bootLoader, openFlash) => {
    const { running, next } = bootLoader;
    const flash = openFlash(next);
    flash.eraseBlock(0);
    fails(() => bootLoader.select(), "image-refused", "erased");
    flash.write(
      new Uint8Array(1_024).map((_, index) => index * 7),
      0,
    );
    fails(() => bootLoader.select(), "image-refused", "noise");
    flash.eraseBlock(0);
    isAsFlashed(bootLoader, `${running} ${next}`, "afterwards");
  }),
];
