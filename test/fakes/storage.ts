// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { KeyValueStore } from "../../modules/core/ports.js";
import { PowerCut } from "./flash.js";

const maxValueLength = 1_984;

/** Key-value storage that a test can break, and whose power it can cut before or after any write and delete. */
export class FakeStorage implements KeyValueStore {
  /** What is stored now. */
  readonly values = new Map<string, Uint8Array>();
  /** Keys that were written, or deleted where they existed, in order; a deleted one has "-" before it. */
  readonly operations: string[] = [];
  /** While set, nothing can be written or deleted. */
  isFull = false;
  /** While set, nothing can be read either. */
  isBroken = false;
  #untilCut = 0;
  #isDoneBefore = false;
  #isCut = false;

  /** True from the operation at which the power went until `restore`. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Cuts the power at the n-th write or delete from now on, from 1: before it, or after it where `isDone`. */
  cutAt(operation: number, isDone: boolean): void {
    this.#untilCut = operation;
    this.#isDoneBefore = isDone;
  }

  /** The power is back; a cut that is still to come is called off. */
  restore(): void {
    this.#untilCut = 0;
    this.#isCut = false;
  }

  read(key: string): Uint8Array | undefined {
    checkKey(key);
    this.#mustWork(this.isBroken);
    return this.values.get(key)?.slice();
  }

  write(key: string, value: Uint8Array): void {
    checkKey(key);
    if (value.length > maxValueLength) throw new RangeError(`value: ${value.length} bytes`);
    this.#change(key, () => this.values.set(key, value.slice()));
  }

  delete(key: string): boolean {
    checkKey(key);
    const existed = this.values.has(key);
    this.#mustWork(this.isBroken);
    if (existed) this.#change(`-${key}`, () => this.values.delete(key));
    return existed;
  }

  #change(operation: string, change: () => void): void {
    this.#mustWork(this.isFull || this.isBroken);
    this.operations.push(operation);
    this.#untilCut -= 1;
    this.#isCut = this.#untilCut === 0;
    if (!this.#isCut || this.#isDoneBefore) change();
    if (this.#isCut) throw new PowerCut(operation);
  }

  #mustWork(isRefused: boolean): void {
    if (this.#isCut) throw new PowerCut("there is no power");
    if (isRefused) throw new DeviceError("storage-failed");
  }
}

function checkKey(key: string): void {
  if (typeof key !== "string") throw new TypeError("key: not a string");
  if (key.length < 1 || key.length > 15) throw new RangeError("key: not 1 to 15 characters");
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) throw new RangeError("key: not printable ASCII");
  }
}
