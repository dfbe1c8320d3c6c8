// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { Flash, FlashFactory, FlashStatus } from "../../modules/core/ports.js";
import { checkBlock, checkRange } from "../xs/flash-limits.js";

/** As on the chip. */
const blockLength = 4_096;
const erased = 255;

/** What keeps the bytes of a partition. Offsets are from its start; all of it may throw. */
export interface FlashMedium {
  /** In bytes. */
  readonly size: number;
  read(into: Uint8Array, byteOffset: number): void;
  /** Replaces what is there. */
  write(from: Uint8Array, byteOffset: number): void;
  /** Idempotent. */
  close(): void;
}

/** Finds the medium of a partition, or makes an erased one of `size` bytes. */
export type OpenMedium = (path: string, size: number) => FlashMedium;

/** A host's partitions, by name with their size in bytes. Each is opened once, for all who open it. */
export function createFlashFactory(sizes: ReadonlyMap<string, number>, openMedium: OpenMedium): FlashFactory {
  const opened = new Map<string, Flash>();
  return (path) => {
    const known = opened.get(path);
    if (known !== undefined) return known;
    const size = sizes.get(path);
    if (size === undefined) throw failure(`there is no partition "${path}"`);
    const medium = attempt(() => openMedium(path, size));
    if (medium.size !== size) {
      medium.close();
      throw failure(`"${path}" has ${medium.size} bytes, the partition ${size}`);
    }
    const flash = new SimulatedFlash(medium);
    opened.set(path, flash);
    return flash;
  };
}

/** NOR flash on a medium that has no rules. What would only spoil data on the chip is refused: bytes that are not erased. */
class SimulatedFlash implements Flash {
  readonly status: FlashStatus;
  readonly #medium: FlashMedium;

  constructor(medium: FlashMedium) {
    const { size } = medium;
    this.status = Object.freeze({ size, blockLength, blocks: size / blockLength, writeAlign: 1 });
    this.#medium = medium;
  }

  read(into: Uint8Array, byteOffset: number): void {
    checkRange(this.status, byteOffset, into.length);
    if (into.length > 0) attempt(() => this.#medium.read(into, byteOffset));
  }

  write(from: Uint8Array, byteOffset: number): void {
    const present = new Uint8Array(from.length);
    this.read(present, byteOffset);
    const index = present.findIndex((byte) => byte !== erased);
    if (index >= 0) throw failure(`the byte at ${byteOffset + index} is not erased`);
    if (from.length > 0) attempt(() => this.#medium.write(from, byteOffset));
  }

  eraseBlock(block: number): void {
    checkBlock(this.status, block);
    attempt(() => this.#medium.write(new Uint8Array(blockLength).fill(erased), block * blockLength));
  }
}

function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw failure(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function failure(what: string, options?: ErrorOptions): DeviceError {
  return new DeviceError("storage-failed", `storage-failed: ${what}`, options);
}
