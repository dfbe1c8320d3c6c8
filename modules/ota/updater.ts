// SPDX-License-Identifier: Apache-2.0

import type { OfferNames } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { describeError } from "../core/failure-log.js";
import type { Milliseconds, Text, Timer } from "../core/ports.js";
import { Delivery, type DeliverySettings } from "./delivery.js";
import { Installation } from "./installation.js";
import { isInstalled, markOf, type Offer, type OfferReading, readOffer } from "./offer.js";
import type { LastReset } from "./rejection.js";
import type { PackageName } from "./target.js";

/** Answers that lack attributes, which may be on their way. */
const maxIncomplete = 3;
const incompletePause: Milliseconds = 5_000;

export interface UpdaterOptions extends DeliverySettings {
  readonly text: Text;
  readonly names: OfferNames;
  /** Of the packages that are taken. */
  readonly title: string;
  readonly lastReset: LastReset;
  /** How long what is on trial has to reach the server. */
  readonly trialDeadline: Milliseconds;
  /** Asks the server for the attributes of the offer; `onOffered` follows with the answer. */
  readonly ask: () => void;
  /** Stops in good order and starts the firmware anew. */
  readonly restart: (reason: string) => void;
}

/**
 * Brings packages of one kind to the device: from the offer through the download and the check to the installation. Every offer ends
 * as updated or failed, or is withdrawn; one that has ended is left alone until the server offers something else.
 */
export class Updater {
  readonly #options: UpdaterOptions;
  readonly #installation: Installation;
  readonly #incompleteTimer: Timer;
  readonly #delivery: Delivery;
  /** Of the offer whose package is on its way; 0 while none is. */
  #mark = 0;
  #incomplete = 0;
  /** What the last boot has left was told to the server. */
  #hasTold = false;
  /** Why what was updated does not run now; empty where it does. */
  #refusal = "";
  /** Something may have been offered during the trial, and was left alone. */
  #hasMissed = false;

  constructor(options: UpdaterOptions) {
    const { clock, log, target, records, checkpoints, lastReset, trialDeadline, restart, report } = options;
    this.#options = options;
    this.#incompleteTimer = clock.timer(options.ask);
    this.#delivery = new Delivery(options, {
      onReady: ({ title, version }) => this.#installation.select({ title, version }, this.#mark),
      onFailed: (reason, detail) => this.#fail(reason, detail),
    });
    this.#installation = new Installation({
      ...{ clock, log, target, records, checkpoints, lastReset, trialDeadline, restart },
      onFailed: (reason, detail) => this.#onFailed(reason, detail),
      onSelected: () => report.onState("UPDATING", ""),
      onConfirmed: () => this.#onConfirmed(),
    });
  }

  /** What runs, as the server called it when it came. */
  get current(): PackageName {
    return this.#installation.current;
  }

  get isOnTrial(): boolean {
    return this.#installation.isOnTrial;
  }

  /** The restart into something else is on its way. */
  get isLeaving(): boolean {
    return this.#installation.isLeaving;
  }

  /** See `Installation.boot`. */
  boot(): void {
    // A restart of the other kind would end the trial.
    if (this.isOnTrial) this.#options.turn.take(this);
    this.#installation.boot();
    this.#checkUpdated();
  }

  /** See `Installation.giveUp`. */
  giveUpTrial(reason: Reason, detail: string): void {
    this.#installation.giveUp(reason, detail);
  }

  /** What came is nothing that can run here. On trial it has failed; what has passed that is told as failed until the next boot. */
  refuse(reason: Reason, detail: string): void {
    this.#refusal = `${reason}: ${detail}`;
    this.giveUpTrial(reason, detail);
  }

  /** The server has answered. What is on trial may stay; and once per boot, what runs is told and how the last update ended. */
  onServerReached(): void {
    if (this.isOnTrial) this.#installation.confirm();
    else if (!this.#hasTold) this.#tellCurrent();
  }

  /** All that the server says of a package, if anything. */
  onOffered(attributes: ReadonlyMap<string, Json>): void {
    const { names, text, records } = this.#options;
    const { phase, mark: lastMark } = records.current;
    if (this.#installation.isLeaving) return;
    if (this.isOnTrial || phase === "selected") {
      this.#hasMissed = true;
      return;
    }
    const mark = markOf(attributes, names, text);
    if (mark === 0) {
      this.#onWithdrawn();
      return;
    }
    const isConcluded = mark === lastMark && (phase === "updated" || phase === "failed");
    if (isConcluded || mark === this.#mark) return;
    this.#abandon();
    const reading = this.#read(attributes, mark);
    if (reading?.offer !== undefined) this.#onOffer(reading.offer, mark);
    else if (reading !== undefined) this.#onRefused(reading.problem, reading.detail, mark);
  }

  /** The device stops: what is on its way waits. The deadline of a trial does not. */
  suspend(): void {
    this.#delivery.stop();
    this.#incompleteTimer.stop();
  }

  /** The device starts again. */
  resume(): void {
    if (!this.#installation.isLeaving) this.#delivery.resume();
  }

  /** Returns to what ran before; the present offer counts as failed. Throws as `Installation.rollBack`. */
  rollBack(): void {
    const mark = this.#mark === 0 ? this.#options.records.current.mark : this.#mark;
    this.#installation.rollBack(mark);
    this.#abandon();
  }

  /** Something else may run since: it came over the cable, or the boot loader could not start what did. */
  #checkUpdated(): void {
    const { phase, title, version } = this.#options.records.current;
    const { current } = this;
    if (phase !== "updated" || title === "" || (title === current.title && version === current.version)) return;
    this.#refusal = `rolled-back: ${current.title} ${current.version} runs in the place of ${title} ${version}`;
  }

  #read(attributes: ReadonlyMap<string, Json>, mark: number): OfferReading | undefined {
    const { names, text, title, target, openFlash } = this.#options;
    try {
      const slotSize = openFlash(target.next).status.size;
      return readOffer(attributes, names, { title, slotSize }, text);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, describeError(error), mark);
      return undefined;
    }
  }

  #onRefused(reason: Reason, detail: string, mark: number): void {
    if (reason !== "package-incomplete" || this.#incomplete >= maxIncomplete) {
      this.#fail(reason, detail, mark);
      return;
    }
    this.#incomplete += 1;
    this.#incompleteTimer.start(incompletePause);
  }

  #onOffer(offer: Offer, mark: number): void {
    const { records, report, log, trust } = this.#options;
    this.#incomplete = 0;
    const { title, version } = this.current;
    if (isInstalled(offer, title, version)) {
      records.begin("updated", { mark, title, version });
      report.onCurrent({ title, version });
      report.onState("UPDATED", "");
      return;
    }
    try {
      trust.checkOffer(offer);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, error.message, mark);
      return;
    }
    const { phase, mark: lastMark, attempts } = records.current;
    if (phase !== "downloading" || lastMark !== mark) records.begin("downloading", { mark });
    else log.write("info", "ota.resumed", `${offer.title} ${offer.version}, download ${attempts + 1}`);
    this.#mark = mark;
    this.#delivery.begin(offer);
  }

  #onWithdrawn(): void {
    const { records, checkpoints, report, log } = this.#options;
    const { phase } = records.current;
    this.#incomplete = 0;
    if (phase === "none") return;
    this.#abandon();
    records.begin("none", {});
    if (phase !== "downloading") return;
    checkpoints.clear();
    const detail = "the server offers it no longer";
    log.write("warning", "ota.failed", detail, "package-withdrawn");
    report.onState("FAILED", `package-withdrawn: ${detail}`);
  }

  #fail(reason: Reason, detail: string, mark = this.#mark): void {
    this.#incomplete = 0;
    this.#options.records.begin("failed", { mark, reason, detail });
    this.#onFailed(reason, detail);
  }

  #onFailed(reason: Reason, detail: string): void {
    const { log, report } = this.#options;
    log.write("error", "ota.failed", detail, reason);
    this.#abandon();
    // Before, it is told with what runs.
    if (this.#hasTold) report.onState("FAILED", `${reason}: ${detail}`);
  }

  /** The offer is followed no longer. What came of it stays in the flash, with its checkpoint. */
  #abandon(): void {
    this.#delivery.end();
    this.#mark = 0;
    this.#incompleteTimer.stop();
  }

  #onConfirmed(): void {
    this.#options.turn.release(this);
    this.#tellCurrent();
    if (!this.#hasMissed) return;
    this.#hasMissed = false;
    this.#options.ask();
  }

  #tellCurrent(): void {
    const { records, report } = this.#options;
    const { phase, reason, detail } = records.current;
    this.#hasTold = true;
    report.onCurrent(this.current);
    if (phase === "updated") report.onState(this.#refusal === "" ? "UPDATED" : "FAILED", this.#refusal);
    else if (phase === "failed") report.onState("FAILED", `${reason}: ${detail}`);
  }
}
