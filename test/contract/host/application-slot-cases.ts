// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../../modules/core/errors.js";
import type { ApplicationSlot, FlashFactory } from "../../../modules/core/ports.js";
import { equal } from "../check.js";
import type { HostCase } from "./case.js";

/** A host need not have a slot for application code; one that it has must be right. */
interface Slotted {
  readonly applicationSlot?: ApplicationSlot;
  readonly openFlash: FlashFactory;
}

function slotCase(name: string, run: (slot: ApplicationSlot, openFlash: FlashFactory) => void): HostCase<Slotted> {
  return {
    name,
    run: ({ applicationSlot, openFlash }, done) => {
      if (applicationSlot !== undefined) run(applicationSlot, openFlash);
      done();
    },
  };
}

/** For a board without application code of its own. */
export const applicationSlotCases: readonly HostCase<Slotted>[] = [
  slotCase("the two slots for application code are different partitions of the same size", (slot, openFlash) => {
    equal(slot.running === slot.next, false, "the same");
    equal(openFlash(slot.next).status.size, openFlash(slot.running).status.size, "size");
  }),
  slotCase("both slots for application code can be erased, written and read", (slot, openFlash) => {
    for (const path of [slot.next, slot.running]) {
      const flash = openFlash(path);
      const place = (flash.status.blocks - 1) * flash.status.blockLength;
      flash.eraseBlock(flash.status.blocks - 1);
      flash.write(new Uint8Array(32).fill(7), place);
      const into = new Uint8Array(32);
      flash.read(into, place);
      equal(into, new Uint8Array(32).fill(7), path);
      flash.eraseBlock(flash.status.blocks - 1);
    }
  }),
  slotCase("there is no application in a slot that is erased", (slot, openFlash) => {
    openFlash(slot.running).eraseBlock(0);
    equal(slot.load(), undefined, "module");
  }),
  slotCase("what is no application is not loaded, and may be image-refused", (slot, openFlash) => {
    const flash = openFlash(slot.running);
    flash.eraseBlock(0);
    flash.write(
      new Uint8Array(1_024).map((_, index) => index * 7),
      0,
    );
    try {
      equal(slot.load(), undefined, "module");
    } catch (error) {
      equal(error instanceof DeviceError && error.reason, "image-refused", String(error));
    } finally {
      flash.eraseBlock(0);
    }
  }),
];
