// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../../modules/core/errors.js";
import { FakeFlash } from "../../fakes/flash.js";

export type Operation = "read" | "write" | "erase";

/** Flash of which single operations fail, as on a chip whose driver is busy or whose cells wear out. */
export class FaultyFlash extends FakeFlash {
  /** Whether an operation at a byte of the partition fails. */
  fails: (operation: Operation, byteOffset: number) => boolean = () => false;
  /** A write that fails has written all the same. */
  writesAllTheSame = false;
  failures = 0;

  override read(into: Uint8Array, byteOffset: number): void {
    this.#try("read", byteOffset);
    super.read(into, byteOffset);
  }

  override write(from: Uint8Array, byteOffset: number): void {
    if (this.writesAllTheSame) super.write(from, byteOffset);
    this.#try("write", byteOffset);
    if (!this.writesAllTheSame) super.write(from, byteOffset);
  }

  override eraseBlock(block: number): void {
    this.#try("erase", block * this.status.blockLength);
    super.eraseBlock(block);
  }

  #try(operation: Operation, byteOffset: number): void {
    if (!this.fails(operation, byteOffset)) return;
    this.failures += 1;
    throw new DeviceError("storage-failed", `${operation} at ${byteOffset}`);
  }
}
