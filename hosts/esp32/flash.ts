// SPDX-License-Identifier: Apache-2.0

import FlashStorage, { type Flash as SdkFlash } from "embedded:storage/flash";
import { DeviceError } from "../../modules/core/errors.js";
import type { BootLoader, Flash, FlashFactory, FlashStatus } from "../../modules/core/ports.js";
import { checkBlock, checkRange } from "../xs/flash-limits.js";

/** A partition of the chip by the SDK's ECMA-419 flash storage, which passes every call on to ESP-IDF. */
class Partition implements Flash {
  readonly status: FlashStatus;
  readonly #flash: SdkFlash;

  constructor(flash: SdkFlash) {
    const { size, blockLength, blocks } = flash.status();
    // The SDK does not tell the alignment: ESP-IDF writes single bytes to partitions that are not encrypted.
    this.status = Object.freeze({ size, blockLength, blocks, writeAlign: 1 });
    this.#flash = flash;
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
    try {
      this.#flash.write(from, byteOffset);
    } catch (cause) {
      throw failure(cause);
    }
  }

  eraseBlock(block: number): void {
    checkBlock(this.status, block);
    try {
      // Without an end the SDK takes 0 for it, and erases nothing where it should erase block 0.
      this.#flash.eraseBlock(block, block + 1);
    } catch (cause) {
      throw failure(cause);
    }
  }
}

/** The SDK finds partitions of type `data` by their name, and these by names of its own; the image that runs is only read. */
export function createFlashFactory(bootLoader: BootLoader | undefined): FlashFactory {
  return (path) => {
    try {
      if (path === bootLoader?.next) return new Partition(FlashStorage.open({ path: "nextota" }));
      if (path === bootLoader?.running) return new Partition(FlashStorage.open({ path: "running", mode: "r" }));
      return new Partition(FlashStorage.open({ path }));
    } catch (cause) {
      throw failure(cause);
    }
  };
}

function failure(cause: unknown): DeviceError {
  return new DeviceError("storage-failed", `storage-failed: ${cause}`, { cause });
}
