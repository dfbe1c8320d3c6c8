// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { BootLoader } from "../core/ports.js";
import { type StoredObjects, stringIn } from "./stored-objects.js";
import type { PackageName, TrialOutcome, UpdateTarget } from "./target.js";

export interface FirmwareTargetOptions {
  readonly bootLoader: BootLoader;
  readonly objects: StoredObjects;
  /** What this firmware was built as. */
  readonly built: PackageName;
}

/**
 * The slots of the platform's boot loader, and a note of what lies in each, as the server called it when it came. An image says of
 * itself what it was built as, which need not be the same; where it says something else than when the note was written, it came by
 * other means and the note is void.
 */
export class FirmwareTarget implements UpdateTarget {
  readonly #bootLoader: BootLoader;
  readonly #objects: StoredObjects;
  readonly #built: PackageName;

  constructor({ bootLoader, objects, built }: FirmwareTargetOptions) {
    this.#bootLoader = bootLoader;
    this.#objects = objects;
    this.#built = built;
  }

  get running(): string {
    return this.#bootLoader.running;
  }

  get next(): string {
    return this.#bootLoader.next;
  }

  get isOnTrial(): boolean {
    return this.#bootLoader.isOnTrial;
  }

  get current(): PackageName {
    const { title, version } = this.#built;
    const note = this.#objects.load(keyOf(this.running));
    const isSame = stringIn(note, "builtTitle") === title && stringIn(note, "builtVersion") === version;
    return note !== undefined && isSame ? nameIn(note) : this.#built;
  }

  get former(): PackageName | undefined {
    const note = this.#bootLoader.isNextRejected ? undefined : this.#objects.load(keyOf(this.next));
    return stringIn(note, "title") === "" ? undefined : nameIn(note);
  }

  outcomeOf(slot: string, isChosen: boolean): TrialOutcome {
    if (slot === this.running) return this.isOnTrial ? "trial" : "running";
    // Where it was not chosen, the one before it in that partition may have been rejected.
    return isChosen && this.#bootLoader.isNextRejected ? "rejected" : "unselected";
  }

  vacate(): void {
    if (!this.#objects.delete(keyOf(this.next))) throw new DeviceError("storage-failed");
  }

  select(): void {
    if (!this.#note(this.current)) throw new DeviceError("storage-failed");
    this.#bootLoader.select();
  }

  /** It is what lies in `next`, and has to pass its trial again. */
  selectFormer(): void {
    this.select();
  }

  confirm(): void {
    this.#bootLoader.confirm();
  }

  name(name: PackageName): void {
    this.#note(name);
  }

  #note({ title, version }: PackageName): boolean {
    const { title: builtTitle, version: builtVersion } = this.#built;
    return this.#objects.save(keyOf(this.running), { title, version, builtTitle, builtVersion });
  }
}

/** Keys have 15 characters at the most, and partitions are "ota_0" and "ota_1". */
function keyOf(slot: string): string {
  return `fw.${slot}`;
}

function nameIn(note: Parameters<typeof stringIn>[0]): PackageName {
  return { title: stringIn(note, "title"), version: stringIn(note, "version") };
}
