// SPDX-License-Identifier: Apache-2.0

import { numberIn, type StoredObjects, stringIn } from "./stored-objects.js";

/**
 * How far an update is, as far as the next boot has to know it.
 * "none": no update was begun, or it was withdrawn. "downloading": the package is fetched or checked. "selected": the next boot runs it.
 * "updated": it runs, and stays. "failed": it does not, and is not tried again.
 */
export type UpdatePhase = "none" | "downloading" | "selected" | "updated" | "failed";

const phases: readonly UpdatePhase[] = Object.freeze(["none", "downloading", "selected", "updated", "failed"] as const);

/** Characters of a failure's detail; with the longest title and version the record is below what the store takes. */
const maxDetailLength = 160;

export interface UpdateRecord {
  readonly phase: UpdatePhase;
  /** Of the offer, by `markOf`. */
  readonly mark: number;
  /** "downloading": images that were wrong. "selected": trials that the power ended. */
  readonly attempts: number;
  /** "selected": the partition of the image. */
  readonly slot: string;
  /** "selected": what is in it, as the server calls it. "updated": what runs; empty where older firmware has written it. */
  readonly title: string;
  readonly version: string;
  /** "selected": it is the image of before, and nobody offered it. */
  readonly isReturn: boolean;
  /** "selected": the boot loader knows of it. False where the power went between the two. */
  readonly isChosen: boolean;
  /** "selected": the image on trial says why it gave itself up. "failed": why. Empty where nothing is known. */
  readonly reason: string;
  readonly detail: string;
}

const noUpdate: UpdateRecord = Object.freeze({
  phase: "none",
  ...{
    mark: 0,
    attempts: 0,
    slot: "",
    title: "",
    version: "",
    isReturn: false,
    isChosen: false,
    reason: "",
    detail: "",
  },
});

/** The record of one kind of package, which the old image and the new one write in turn. */
export class UpdateRecords {
  readonly #objects: StoredObjects;
  readonly #key: string;
  #current: UpdateRecord;

  constructor(objects: StoredObjects, key: string) {
    this.#objects = objects;
    this.#key = key;
    this.#current = this.#load();
  }

  get current(): UpdateRecord {
    return this.#current;
  }

  /** Begins a new record. False where it could not be stored: it holds until the next boot only. */
  begin(phase: UpdatePhase, fields: Partial<Omit<UpdateRecord, "phase">>): boolean {
    return this.#keep({ ...noUpdate, ...fields, phase });
  }

  /** Changes the record. As `begin`. */
  change(fields: Partial<UpdateRecord>): boolean {
    return this.#keep({ ...this.#current, ...fields });
  }

  #keep(record: UpdateRecord): boolean {
    this.#current = Object.freeze({ ...record, detail: record.detail.slice(0, maxDetailLength) });
    return this.#objects.save(this.#key, this.#current);
  }

  #load(): UpdateRecord {
    const stored = this.#objects.load(this.#key);
    const phase = phases.find((name) => name === stored?.get("phase"));
    if (phase === undefined) return noUpdate;
    return Object.freeze({
      phase,
      mark: numberIn(stored, "mark"),
      attempts: numberIn(stored, "attempts"),
      slot: stringIn(stored, "slot"),
      title: stringIn(stored, "title"),
      version: stringIn(stored, "version"),
      isReturn: stored?.get("isReturn") === true,
      isChosen: stored?.get("isChosen") === true,
      reason: stringIn(stored, "reason"),
      detail: stringIn(stored, "detail"),
    });
  }
}
