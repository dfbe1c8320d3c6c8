// SPDX-License-Identifier: Apache-2.0
// Where packages of a kind go, and who decides what runs. Types only.

/** What a package is called. */
export interface PackageName {
  readonly title: string;
  readonly version: string;
}

/**
 * What became of an image that was selected.
 * "unselected": the power went before it was. "trial": it runs, but not for good. "running": it runs, and stays. "rejected": it ran,
 * and did not stay.
 */
export type TrialOutcome = "unselected" | "trial" | "running" | "rejected";

export interface UpdateTarget {
  /** Partition of what runs. */
  readonly running: string;
  /** Partition for the next one. */
  readonly next: string;
  /** What runs now is on trial. */
  readonly isOnTrial: boolean;
  /** What runs, as the server called it when it came; for what is on trial that is not known here. */
  readonly current: PackageName;
  /** What ran before and can be returned to; undefined where there is nothing. */
  readonly former: PackageName | undefined;
  /** What became of the image in the partition `slot`, which was `next` when it was selected. `isChosen`: `select` has returned. */
  outcomeOf(slot: string, isChosen: boolean): TrialOutcome;
  /** `next` is overwritten from now on. Throws `DeviceError` "storage-failed". */
  vacate(): void;
  /** From the next boot on the image in `next` runs, on trial. Throws `DeviceError` "image-refused" or "storage-failed". */
  select(): void;
  /** From the next boot on what ran before runs again. Throws as `select`. */
  selectFormer(): void;
  /** What runs stays. Idempotent. Throws `DeviceError` "storage-failed". */
  confirm(): void;
  /** What runs is called so. Where that cannot be stored, it goes by the name that it was built with. */
  name(name: PackageName): void;
}
