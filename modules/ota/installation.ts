// SPDX-License-Identifier: Apache-2.0

import { DeviceError, type Reason } from "../core/errors.js";
import { describeError } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { describeRejection, type LastReset } from "./rejection.js";
import type { PackageName, UpdateTarget } from "./target.js";
import type { UpdateRecord, UpdateRecords } from "./update-record.js";

/** Trials of one image that the power ended, or attempts to select it. */
const maxTrials = 3;

/** After a confirmation that could not be stored. */
const confirmPause: Milliseconds = 10_000;

export interface InstallationOptions {
  readonly clock: Clock;
  readonly log: LogSink;
  readonly target: UpdateTarget;
  readonly records: UpdateRecords;
  readonly checkpoints: CheckpointStore;
  readonly lastReset: LastReset;
  /** How long what is on trial has to reach the server. */
  readonly trialDeadline: Milliseconds;
  /** The record says so already. */
  readonly onFailed: (reason: Reason, detail: string) => void;
  /** Selected: the restart follows. */
  readonly onSelected: () => void;
  /** What was on trial stays. */
  readonly onConfirmed: () => void;
  /** Stops in good order and starts the firmware anew. */
  readonly restart: (reason: string) => void;
}

/**
 * The life of an image from the moment it is whole: selected, on trial after the restart, confirmed or rejected. What happens is in
 * the record, so that the next boot goes on from there, whichever image that boots.
 */
export class Installation {
  readonly #options: InstallationOptions;
  /** Ends the trial. */
  readonly #deadline: Timer;
  readonly #confirmTimer: Timer;
  #isLeaving = false;

  constructor(options: InstallationOptions) {
    const { clock, trialDeadline } = options;
    this.#options = options;
    this.#deadline = clock.timer(() => this.giveUp("trial-timeout", `no answer in ${trialDeadline} ms`));
    this.#confirmTimer = clock.timer(() => this.confirm());
  }

  /** The restart is on its way. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get isOnTrial(): boolean {
    return this.#options.target.isOnTrial;
  }

  /** What runs, as the server called it when it came. */
  get current(): PackageName {
    const { target, records } = this.#options;
    const { phase, slot, title, version } = records.current;
    if (phase === "selected" && target.outcomeOf(slot, true) === "trial") return { title, version };
    return target.current;
  }

  /** Finds out what became of what the last boot selected. To be called once, when the device starts. */
  boot(): void {
    const { target, records, trialDeadline, log } = this.#options;
    const record = records.current;
    if (target.isOnTrial) {
      log.write("info", "ota.trial", `${record.title} ${record.version} has ${trialDeadline} ms to reach the server`);
      this.#deadline.start(trialDeadline);
    }
    if (record.phase !== "selected") return;
    const outcome = target.outcomeOf(record.slot, record.isChosen);
    if (outcome === "running") this.#settle(record);
    else if (outcome === "unselected") this.#tryAgain(record, "storage-failed", "it could not be selected");
    else if (outcome === "rejected") this.#onRejected(record);
  }

  /**
   * What is on trial fails by its own judgement: the boot loader returns to what was before. Of no effect when nothing is, or it has
   * failed already.
   */
  giveUp(reason: Reason, detail: string): void {
    const { records, log, target } = this.#options;
    if (!target.isOnTrial || this.#isLeaving) return;
    log.write("error", "ota.trial-failed", detail, reason);
    records.change({ reason, detail });
    this.#leave("trial failed");
  }

  /** The server was reached: what is on trial may stay. Where that cannot be stored, it is tried again until the deadline. */
  confirm(): void {
    const { target, records, log, onConfirmed } = this.#options;
    if (!target.isOnTrial || this.#isLeaving) return;
    try {
      target.confirm();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      log.write("error", "ota.unconfirmed", error.message, error.reason);
      this.#confirmTimer.start(confirmPause);
      return;
    }
    this.#deadline.stop();
    if (records.current.phase === "selected") this.#settle(records.current);
    onConfirmed();
  }

  /**
   * Lets what was downloaded run from the next boot on, and restarts. The next boot has to know what it runs, or what became of it:
   * where that cannot be noted the update fails.
   */
  select(name: PackageName, mark: number): void {
    this.#select({ ...name, mark });
  }

  /**
   * Returns to what ran before, without a download. `mark` is that of the offer that counts as failed. Throws `DeviceError`
   * "image-refused" where there is nothing to return to or something is on trial.
   */
  rollBack(mark: number): void {
    const { target } = this.#options;
    const { former } = target;
    if (target.isOnTrial || this.#isLeaving)
      throw new DeviceError("image-refused", "image-refused: not during a trial");
    if (former === undefined) throw new DeviceError("image-refused", "image-refused: there is nothing to return to");
    this.#select({ ...former, mark, isReturn: true });
  }

  #select(fields: Partial<UpdateRecord>): void {
    const { target, records, log, onSelected } = this.#options;
    const { mark = 0, isReturn = false, title, version } = fields;
    if (!records.begin("selected", { ...fields, slot: target.next })) {
      this.#fail("storage-failed", "what is to be updated could not be noted", mark);
      return;
    }
    try {
      if (isReturn) target.selectFormer();
      else target.select();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, describeError(error), mark);
      return;
    }
    records.change({ isChosen: true });
    log.write("info", "ota.selected", `${title} ${version} in ${target.next}`);
    onSelected();
    this.#leave("update");
  }

  /** It runs, and stays. */
  #settle(record: UpdateRecord): void {
    const { target, records, checkpoints, log } = this.#options;
    const { mark, title, version, isReturn } = record;
    if (isReturn) records.begin("failed", { mark, reason: "rolled-back", detail: `to ${title} ${version}` });
    else {
      target.name({ title, version });
      // Where the name could not be stored, it is the one by which the next boot calls it.
      records.begin("updated", { mark, ...target.current });
    }
    checkpoints.clear();
    log.write("info", "ota.confirmed", `${title} ${version} in ${target.running}`);
  }

  #onRejected(record: UpdateRecord): void {
    const { reason, detail } = describeRejection(record, this.#options.lastReset);
    if (reason === "trial-interrupted") this.#tryAgain(record, reason, detail);
    else this.#fail(reason, detail, record.mark);
  }

  /** The image is whole, and nothing speaks against it. */
  #tryAgain(record: UpdateRecord, reason: Reason, detail: string): void {
    const { title, version, mark, isReturn } = record;
    const attempts = record.attempts + 1;
    if (attempts >= maxTrials) this.#fail(reason, detail, mark);
    else this.#select({ title, version, mark, isReturn, attempts });
  }

  #fail(reason: Reason, detail: string, mark: number): void {
    this.#options.records.begin("failed", { mark, reason, detail });
    this.#options.onFailed(reason, detail);
  }

  #leave(why: string): void {
    this.#isLeaving = true;
    this.#deadline.stop();
    this.#confirmTimer.stop();
    this.#options.restart(why);
  }
}
