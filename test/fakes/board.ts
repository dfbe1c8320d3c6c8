// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { ApplicationSlot, BootLoader, Flash, FlashFactory, KeyValueStore } from "../../modules/core/ports.js";
import { FakeFlash, PowerCut } from "./flash.js";
import { FakeStorage } from "./storage.js";

export interface FakeBoardOptions {
  /** Bytes of "ota_0" and "ota_1" each; eight blocks when left out. */
  readonly slotSize?: number;
  /** Bytes of "xs" and "xs_next" each; four blocks when left out. */
  readonly applicationSize?: number;
  /** 4,096 when left out. */
  readonly blockLength?: number;
}

export type ImageState = "new" | "pending-verify" | "valid" | "invalid" | "aborted";

const slots: readonly string[] = Object.freeze(["ota_0", "ota_1"]);
const erased = 255;

/**
 * What of a board has to do with updates: a boot loader as ESP-IDF's with rollback, its slots and those of the application on
 * NOR flash, and key-value storage. It boots from "ota_0". The power can be cut at every step that changes something. What
 * belonged to the boot before may be used after a reset as if it were the new one's: let go of it. Runs on every engine.
 */
export class FakeBoard {
  /** "ota_0", "ota_1", "xs" and "xs_next", for the test to look at and to spoil. */
  readonly partitions: ReadonlyMap<string, FakeFlash>;
  /** What is under `storage`, for the test to look at and to break. */
  readonly stored = new FakeStorage();
  /** For the firmware. */
  readonly storage: KeyValueStore;
  /** For the firmware, who may write to all but the running slot, and to `next` not while on trial. */
  readonly openFlash: FlashFactory;
  /** For the firmware. */
  readonly applicationSlot: ApplicationSlot;
  /**
   * Whether the boot loader takes what is in a slot for an image; asked by `select` and at every reset. Unless it is replaced, all
   * but an erased slot is one.
   */
  imageIsValid: (slot: string, contents: Uint8Array) => boolean = (_slot, contents) => contents[0] !== erased;
  /** What `applicationSlot.load` gives for a slot that is not erased, unless it is replaced: "image-refused". */
  loadApplication: (contents: Uint8Array) => unknown = () => {
    throw new DeviceError("image-refused");
  };
  /** What otadata holds; the test may change it. */
  readonly states = new Map<string, ImageState | undefined>([
    ["ota_0", "valid"],
    ["ota_1", undefined],
  ]);
  /** While set, `select` and `confirm` are "storage-failed". */
  isOtaDataBroken = false;
  resetReason = "power-on";
  /** Resets so far. */
  resets = 0;
  /** Slot of the next boot. */
  #selected = "ota_0";
  #running = "ota_0";
  #bootLoader: BootLoader;
  #operations = 0;
  #cutAt = 0;
  #tear = 0;
  #isCut = false;

  constructor({ blockLength = 4_096, slotSize, applicationSize }: FakeBoardOptions = {}) {
    const create = (size: number): FakeFlash => new FakeFlash({ blocks: size / blockLength, blockLength });
    const [slot, application] = [slotSize ?? 8 * blockLength, applicationSize ?? 4 * blockLength];
    this.partitions = new Map([
      ["ota_0", create(slot)],
      ["ota_1", create(slot)],
      ["xs", create(application)],
      ["xs_next", create(application)],
    ]);
    // The image that was flashed over the cable.
    this.partition("ota_0").corrupt(0, [0xe9]);
    this.storage = {
      read: (key) => {
        this.#mustHavePower();
        return this.stored.read(key);
      },
      write: (key, value) => {
        this.#step(() => this.stored.cutAt(1, this.#tear % 2 === 1));
        this.stored.write(key, value);
      },
      delete: (key) => {
        this.#mustHavePower();
        if (this.stored.values.has(key)) this.#step(() => this.stored.cutAt(1, this.#tear % 2 === 1));
        return this.stored.delete(key);
      },
    };
    this.openFlash = (path) => this.#open(path);
    this.applicationSlot = { running: "xs", next: "xs_next", load: () => this.#load() };
    this.#bootLoader = this.#createBootLoader();
  }

  /** For the firmware; another one after every reset. */
  get bootLoader(): BootLoader {
    return this.#bootLoader;
  }

  /** Writes, erases, writes and deletes of values, `select` and `confirm` so far. Those that were torn count too. */
  get operations(): number {
    return this.#operations;
  }

  /** True from the operation at which the power went until `reset`: every call throws `PowerCut`. */
  get isCut(): boolean {
    return this.#isCut;
  }

  partition(path: string): FakeFlash {
    const flash = this.partitions.get(path);
    if (flash === undefined) throw new DeviceError("storage-failed", `there is no partition "${path}"`);
    return flash;
  }

  /**
   * Cuts the power at the n-th operation from now on, from 1. `tear`, from 0, is for writes and erases as in `FakeFlash.cutAt`;
   * of all others it is done when `tear` is odd, and not when it is even. `tear` 0 is nothing done, 1 everything, everywhere.
   */
  cutAt(operation: number, tear: number): void {
    if (!Number.isInteger(operation) || operation < 1) throw new RangeError(`cutAt: ${operation} is not from 1`);
    this.#cutAt = this.#operations + operation;
    this.#tear = tear;
  }

  /**
   * Ends the boot and begins the next, as the boot loader does it: an image that was on trial has failed, one that was selected is
   * on trial, and one that is none is passed over. After a power cut the reason is "power-on", whatever is given; a cut that is
   * still to come is called off. Throws a plain `Error` where nothing can boot: that board has to be sent in.
   */
  reset(reason = "software"): void {
    this.resetReason = this.#isCut ? "power-on" : reason;
    this.resets += 1;
    this.#isCut = false;
    this.#cutAt = 0;
    this.stored.restore();
    for (const flash of this.partitions.values()) flash.restore();
    for (const slot of slots) if (this.states.get(slot) === "pending-verify") this.states.set(slot, "aborted");
    const slot = [this.#selected, otherOf(this.#selected)].find((candidate) => this.#isBootable(candidate));
    if (slot === undefined) throw new Error("neither slot can boot");
    if (this.states.get(slot) === "new") this.states.set(slot, "pending-verify");
    this.#selected = slot;
    this.#running = slot;
    this.#bootLoader = this.#createBootLoader();
  }

  #isBootable(slot: string): boolean {
    const state = this.states.get(slot);
    if (state === "aborted" || state === "invalid") return false;
    if (this.imageIsValid(slot, this.partition(slot).contents)) return true;
    this.states.set(slot, "invalid");
    return false;
  }

  #createBootLoader(): BootLoader {
    const { states } = this;
    const running = this.#running;
    const next = otherOf(running);
    return {
      running,
      next,
      get isOnTrial() {
        return states.get(running) === "pending-verify";
      },
      get isNextRejected() {
        return states.get(next) === "aborted";
      },
      select: () => this.#select(next),
      confirm: () => this.#changeOtaData(() => states.set(running, "valid"), this.bootLoader.isOnTrial),
    };
  }

  #select(next: string): void {
    this.#mustHavePower();
    if (this.bootLoader.isOnTrial) throw new DeviceError("image-refused", "image-refused: the running one is on trial");
    if (!this.imageIsValid(next, this.partition(next).contents)) throw new DeviceError("image-refused");
    this.#changeOtaData(() => {
      this.states.set(next, "new");
      this.#selected = next;
    });
  }

  /** One write that is done or not: otadata are two sectors with a checksum each. */
  #changeOtaData(change: () => void, isChange = true): void {
    this.#mustHavePower();
    if (!isChange) return;
    if (this.isOtaDataBroken) throw new DeviceError("storage-failed");
    let isDone = true;
    this.#step(() => {
      isDone = this.#tear % 2 === 1;
    });
    if (isDone) change();
    if (this.#isCut) throw new PowerCut("otadata");
  }

  #load(): unknown {
    this.#mustHavePower();
    const { contents } = this.partition("xs");
    return contents[0] === erased ? undefined : this.loadApplication(contents);
  }

  #open(path: string): Flash {
    const flash = this.partition(path);
    return {
      status: flash.status,
      read: (into, byteOffset) => {
        this.#mustHavePower();
        flash.read(into, byteOffset);
      },
      write: (from, byteOffset) => {
        this.#mustBeWritable(path);
        this.#step(() => flash.cutAt(1, this.#tear));
        flash.write(from, byteOffset);
      },
      eraseBlock: (block) => {
        this.#mustBeWritable(path);
        this.#step(() => flash.cutAt(1, this.#tear));
        flash.eraseBlock(block);
      },
    };
  }

  /** What runs is mapped into the address space, and what is returned to after a trial must not be touched during it. */
  #mustBeWritable(path: string): void {
    if (path === this.#running) throw new DeviceError("storage-failed", `storage-failed: "${path}" runs`);
    if (path === this.bootLoader.next && this.bootLoader.isOnTrial)
      throw new DeviceError("storage-failed", `storage-failed: "${path}" is what a trial returns to`);
  }

  /** Counts an operation; `cut` prepares for it that the power goes during it. */
  #step(cut: () => void): void {
    this.#mustHavePower();
    this.#operations += 1;
    if (this.#operations !== this.#cutAt) return;
    cut();
    this.#isCut = true;
  }

  #mustHavePower(): void {
    if (this.#isCut) throw new PowerCut("there is no power");
  }
}

function otherOf(slot: string): string {
  return slot === "ota_0" ? "ota_1" : "ota_0";
}
