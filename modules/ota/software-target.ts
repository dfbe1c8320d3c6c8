// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { FlashFactory, Host } from "../core/ports.js";
import { type StoredObjects, stringIn } from "./stored-objects.js";
import type { PackageName, TrialOutcome, UpdateTarget } from "./target.js";

/**
 * "none": nothing came by an update; what is in the partition came by other means, or there is nothing. "selected": it waits to be
 * brought in. "ready": it is in, and has not run yet. "trial": it was started. "confirmed": it stays. "rejected", "removed": it is
 * there, but does not run.
 */
type State = "none" | "selected" | "ready" | "trial" | "confirmed" | "rejected" | "removed";

const states: readonly State[] = Object.freeze([
  ...(["none", "selected", "ready", "trial", "confirmed", "rejected", "removed"] as const),
]);

/** Beside the state stands what the application is called, where that is known: one cannot outlive the other. */
const stateKey = "sw.state";

export interface SoftwareTargetOptions {
  readonly slot: NonNullable<Host["applicationSlot"]>;
  readonly openFlash: FlashFactory;
  readonly objects: StoredObjects;
  /** The firmware's own application. */
  readonly built: PackageName;
}

/**
 * Application code that is replaced on its own, and the part that a boot loader has for firmware: it gets one boot to prove itself.
 * The platform runs it from one partition, the next comes into another; in between nothing runs from either.
 */
export class SoftwareTarget implements UpdateTarget {
  readonly running: string;
  readonly next: string;
  readonly #options: SoftwareTargetOptions;
  #state: State;
  /** This boot had to bring it in, and could not. */
  #isNotIn = false;
  #isDisused = false;

  constructor(options: SoftwareTargetOptions) {
    this.#options = options;
    this.running = options.slot.running;
    this.next = options.slot.next;
    this.#state = options.objects.mayHold(stateKey) ? this.#load() : "none";
  }

  get isOnTrial(): boolean {
    return this.#state === "trial";
  }

  /** Whether the application in the partition is the one to run; otherwise it is the firmware's own. */
  get isInUse(): boolean {
    return this.#state === "none" || this.#state === "trial" || this.#state === "confirmed";
  }

  /** Whether that application came by an update. */
  get isBrought(): boolean {
    return this.#state === "trial" || this.#state === "confirmed";
  }

  /** This firmware cannot run it: until the next boot, which may be another's, it is the firmware's own that runs. */
  disuse(): void {
    this.#isDisused = true;
  }

  /**
   * To be called once per boot, before anything of an application runs. True where the platform has to start anew, because what it
   * runs was replaced. Throws `DeviceError` "storage-failed": then it is the firmware's own application that runs. Where no application
   * `mayRun` in this boot, what is in waits for its trial.
   */
  prepare(mayRun = true): boolean {
    if (this.#state === "selected") {
      this.#bringIn();
      this.#enter("ready");
      return true;
    }
    if (this.#state === "trial") {
      // Whatever ended the trial: it has had its boot, even where that cannot be stored.
      this.#state = "rejected";
      this.#enter("rejected");
    } else if (this.#state === "ready" && mayRun) this.#enter("trial");
    return false;
  }

  /** What came by other means has no name; it goes by that of the application it takes the place of. */
  get current(): PackageName {
    const note = this.#state === "confirmed" && !this.#isDisused ? this.#options.objects.load(stateKey) : undefined;
    if (stringIn(note, "title") === "") return this.#options.built;
    return { title: stringIn(note, "title"), version: stringIn(note, "version") };
  }

  /** The firmware's own. */
  get former(): PackageName | undefined {
    return this.#state === "confirmed" ? this.#options.built : undefined;
  }

  outcomeOf(_slot: string, isChosen: boolean): TrialOutcome {
    if (this.#state === "trial") return "trial";
    if (!isChosen || this.#isNotIn || this.#state === "selected" || this.#state === "ready") return "unselected";
    return this.#state === "rejected" ? "rejected" : "running";
  }

  vacate(): void {
    // Nothing runs from there, and nothing returns to it.
  }

  select(): void {
    this.#enter("selected");
  }

  confirm(): void {
    if (this.#state === "trial") this.#enter("confirmed");
  }

  selectFormer(): void {
    this.#enter("removed");
  }

  name({ title, version }: PackageName): void {
    this.#options.objects.save(stateKey, { state: this.#state, title, version });
  }

  /** What cannot be read may be half of something: the partition with it. */
  #load(): State {
    const stored = stringIn(this.#options.objects.load(stateKey), "state");
    return states.find((state) => state === stored) ?? "rejected";
  }

  /** Where it fails nothing of it runs, unless it is selected once more. */
  #bringIn(): void {
    try {
      this.#copy();
    } catch (error) {
      if (error instanceof DeviceError) {
        this.#isNotIn = true;
        this.#enter("rejected");
      }
      throw error;
    }
  }

  #copy(): void {
    const { openFlash } = this.#options;
    const from = openFlash(this.next);
    const to = openFlash(this.running);
    if (from.status.size > to.status.size || from.status.blockLength !== to.status.blockLength)
      throw new DeviceError("storage-failed", `${this.next} does not fit ${this.running}`);
    const block = new Uint8Array(from.status.blockLength);
    for (let index = 0; index < from.status.blocks; index += 1) {
      from.read(block, index * block.length);
      to.eraseBlock(index);
      to.write(block, index * block.length);
    }
  }

  #enter(state: State): void {
    if (!this.#options.objects.save(stateKey, { state })) throw new DeviceError("storage-failed");
    this.#state = state;
  }
}
