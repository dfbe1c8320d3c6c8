// SPDX-License-Identifier: Apache-2.0

import FlashStorage, { type Flash as SdkFlash } from "embedded:storage/flash";
import { DeviceError } from "../../modules/core/errors.js";
import type { BootLoader, Flash, FlashFactory, FlashStatus } from "../../modules/core/ports.js";
import { checkBlock, checkRange } from "../xs/flash-limits.js";

/** A partition of the chip by the SDK's ECMA-419 flash storage, which passes every call on to ESP-IDF. */
class Partition implements Flash {
  readonly status: FlashStatus;
  readonly #flash: SdkFlash;
  readonly #isProtected: () => boolean;

  constructor(flash: SdkFlash, isProtected: () => boolean) {
    const { size, blockLength, blocks } = flash.status();
    // The SDK does not tell the alignment: ESP-IDF writes single bytes to partitions that are not encrypted.
    this.status = Object.freeze({ size, blockLength, blocks, writeAlign: 1 });
    this.#flash = flash;
    this.#isProtected = isProtected;
  }

  read(into: Uint8Array, byteOffset: number): void {
    checkRange(this.status, byteOffset, into.length);
    try {
      this.#flash.read(into, byteOffset);
    } catch (cause) {
      throw failure(cause);
    }
  }

  write(from: Uint8Array, byteOffset: number): void {
    checkRange(this.status, byteOffset, from.length);
    this.#mustBeWritable();
    try {
      this.#flash.write(from, byteOffset);
    } catch (cause) {
      throw failure(cause);
    }
  }

  eraseBlock(block: number): void {
    checkBlock(this.status, block);
    this.#mustBeWritable();
    try {
      // Without an end the SDK takes 0 for it, and erases nothing where it should erase block 0.
      this.#flash.eraseBlock(block, block + 1);
    } catch (cause) {
      throw failure(cause);
    }
  }

  #mustBeWritable(): void {
    if (this.#isProtected()) throw failure("it runs, or is what a trial returns to");
  }
}

/** The SDK finds partitions of type `data` by their name, and the others by names of its own. */
export function createFlashFactory(bootLoader: BootLoader | undefined): FlashFactory {
  return (path) => {
    try {
      switch (path) {
        case bootLoader?.running:
          return new Partition(FlashStorage.open({ path: "running", mode: "r" }), () => true);
        case bootLoader?.next:
          return new Partition(FlashStorage.open({ path: "nextota" }), () => bootLoader?.isOnTrial === true);
        default:
          return new Partition(FlashStorage.open({ path }), () => false);
      }
    } catch (cause) {
      throw failure(cause);
    }
  };
}

function failure(cause: unknown): DeviceError {
  return new DeviceError("storage-failed", `storage-failed: ${cause}`, { cause });
}
