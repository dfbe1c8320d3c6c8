// SPDX-License-Identifier: Apache-2.0

import type { OfferNames } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { describeError } from "../core/failure-log.js";
import type { Clock, FlashFactory, LogSink, Milliseconds, Text, Timer } from "../core/ports.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { Installation } from "./installation.js";
import { isInstalled, markOf, type Offer, type OfferReading, readOffer } from "./offer.js";
import { PackageDownload } from "./package-download.js";
import type { PackageReceiver, PackageSource } from "./package-source.js";
import type { LastReset } from "./rejection.js";
import type { PackageName, UpdateTarget } from "./target.js";
import type { Trust } from "./trust.js";
import type { Turn } from "./turn.js";
import type { UpdateRecords } from "./update-record.js";
import type { UpdateReport } from "./update-report.js";

/** Images in a row whose checksum is wrong. */
const maxDownloads = 3;

/** Answers that lack attributes, which may be on their way. */
const maxIncomplete = 3;
const incompletePause: Milliseconds = 5_000;

/** So often it is looked whether an update may go on. */
const pollPeriod: Milliseconds = 10_000;

export type UpdateStep = "download" | "restart";

export interface UpdaterOptions {
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  readonly names: OfferNames;
  readonly target: UpdateTarget;
  readonly openFlash: FlashFactory;
  readonly records: UpdateRecords;
  readonly checkpoints: CheckpointStore;
  /** Of the packages that are taken. */
  readonly title: string;
  readonly lastReset: LastReset;
  readonly trust: Trust;
  /** Bytes of a chunk, a power of two. */
  readonly chunkLength: number;
  /** How long what is on trial has to reach the server. */
  readonly trialDeadline: Milliseconds;
  readonly openSource: (offer: Offer, receiver: PackageReceiver) => PackageSource;
  /** Why a step has to wait, in words for people; undefined when it may be taken. */
  readonly obstacle: (step: UpdateStep, name: PackageName) => string | undefined;
  readonly turn: Turn;
  readonly report: UpdateReport;
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
  readonly #timer: Timer;
  /** What the timer is armed for. */
  #onTimer: () => void = () => {};
  #download: PackageDownload | undefined;
  /** What is fetched or waits for that, and its mark; 0 while nothing does. */
  #offer: Offer | undefined;
  #mark = 0;
  #incomplete = 0;
  #obstacle = "";
  /** What the last boot has left was told to the server. */
  #hasTold = false;

  constructor(options: UpdaterOptions) {
    const { clock, log, target, records, checkpoints, lastReset, trialDeadline, restart, report } = options;
    this.#options = options;
    this.#timer = clock.timer(() => this.#onTimer());
    this.#installation = new Installation({
      ...{ clock, log, target, records, checkpoints, lastReset, trialDeadline, restart },
      onFailed: (reason, detail) => this.#onFailed(reason, detail),
      onSelected: () => report.onState("UPDATING", ""),
      onConfirmed: () => this.#tellCurrent(),
    });
  }

  /** What runs, as the server called it when it came. */
  get current(): PackageName {
    return this.#installation.current;
  }

  get isOnTrial(): boolean {
    return this.#installation.isOnTrial;
  }

  /** See `Installation.boot`. */
  boot(): void {
    this.#installation.boot();
  }

  /** See `Installation.giveUp`. */
  giveUpTrial(reason: Reason, detail: string): void {
    this.#installation.giveUp(reason, detail);
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
    if (this.#installation.isLeaving || phase === "selected") return;
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
    this.#download?.stop();
    this.#timer.stop();
  }

  /** The device starts again. */
  resume(): void {
    if (this.#download !== undefined) this.#download.start();
    else if (this.#offer !== undefined) this.#proceed(this.#offer);
  }

  /** Returns to what ran before; the present offer counts as failed. Throws as `Installation.rollBack`. */
  rollBack(): void {
    const mark = this.#mark === 0 ? this.#options.records.current.mark : this.#mark;
    this.#installation.rollBack(mark);
    this.#abandon();
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
    this.#schedule(incompletePause, this.#options.ask);
  }

  #onOffer(offer: Offer, mark: number): void {
    const { records, report, log, trust } = this.#options;
    this.#incomplete = 0;
    const { title, version } = this.current;
    if (isInstalled(offer, title, version)) {
      records.begin("updated", { mark });
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
    this.#offer = offer;
    this.#proceed(offer);
  }

  #onWithdrawn(): void {
    const { records, checkpoints, report, log } = this.#options;
    const { phase } = records.current;
    if (phase === "none") return;
    this.#abandon();
    records.begin("none", {});
    if (phase !== "downloading") return;
    checkpoints.clear();
    const detail = "the server offers it no longer";
    log.write("warning", "ota.failed", detail, "package-withdrawn");
    report.onState("FAILED", `package-withdrawn: ${detail}`);
  }

  /** Begins the download, when nothing is in its way. */
  #proceed(offer: Offer): void {
    const { turn, log, report } = this.#options;
    if (!turn.take(this) || this.#mustWait("download", offer)) {
      this.#schedule(pollPeriod, () => this.#proceed(offer));
      return;
    }
    try {
      this.#download = this.#begin(offer);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, describeError(error));
      return;
    }
    const { missing, chunks } = this.#download.image;
    log.write("info", "ota.download", `${offer.title} ${offer.version}, ${missing} of ${chunks} chunks are missing`);
    report.onState("DOWNLOADING", "");
    this.#download.start();
  }

  #begin(offer: Offer): PackageDownload {
    const { clock, target, checkpoints, trust, openFlash, openSource, report, chunkLength } = this.#options;
    target.vacate();
    return new PackageDownload({
      ...{ clock, offer, checkpoints, chunkLength },
      openDigest: () => trust.open(offer),
      flash: openFlash(target.next),
      slot: target.next,
      openSource: (receiver) => openSource(offer, receiver),
      onProgress: (percent) => report.onProgress(percent),
      onDownloaded: () => report.onState("DOWNLOADED", ""),
      onDigest: (found) => this.#onDigest(offer, found),
      onFailed: (reason, detail) => this.#fail(reason, detail),
    });
  }

  #onDigest(offer: Offer, found: string): void {
    if (found === offer.checksum) this.#onIntact(offer);
    else this.#onWrongChecksum(`${offer.algorithm} is ${found.slice(0, 64)}`);
  }

  #onWrongChecksum(words: string): void {
    const { records, log, report } = this.#options;
    const attempts = records.current.attempts + 1;
    const detail = `${words}, download ${attempts} of ${maxDownloads}`;
    log.write("warning", "ota.checksum", detail, "checksum-mismatch");
    // Without a count that outlives the power there would be no end of it.
    if (!records.change({ attempts }) || attempts >= maxDownloads) {
      this.#fail("checksum-mismatch", detail);
      return;
    }
    try {
      this.#download?.restart();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, describeError(error));
      return;
    }
    report.onState("DOWNLOADING", "");
  }

  #onIntact(offer: Offer): void {
    const { trust, report } = this.#options;
    let isGenuine = false;
    try {
      isGenuine = trust.isGenuine;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#wait("signature", describeError(error));
      this.#schedule(pollPeriod, () => this.#onIntact(offer));
      return;
    }
    if (!isGenuine) {
      this.#fail("signature-wrong", `${offer.title} ${offer.version}`);
      return;
    }
    this.#download = undefined;
    report.onState("VERIFIED", "");
    this.#install(offer);
  }

  /** Lets it run, when nothing is in the way of a restart. */
  #install(offer: Offer): void {
    if (this.#mustWait("restart", offer)) {
      this.#schedule(pollPeriod, () => this.#install(offer));
      return;
    }
    const { title, version } = offer;
    this.#installation.select({ title, version }, this.#mark);
  }

  #fail(reason: Reason, detail: string, mark = this.#mark): void {
    this.#options.records.begin("failed", { mark, reason, detail });
    this.#onFailed(reason, detail);
  }

  #onFailed(reason: Reason, detail: string): void {
    const { log, report } = this.#options;
    log.write("error", "ota.failed", detail, reason);
    this.#abandon();
    report.onState("FAILED", `${reason}: ${detail}`);
  }

  /** The offer is followed no longer. What came of it stays in the flash, with its checkpoint. */
  #abandon(): void {
    this.#download?.stop();
    this.#download = undefined;
    this.#offer = undefined;
    this.#mark = 0;
    this.#options.turn.release(this);
    this.#timer.stop();
  }

  #tellCurrent(): void {
    const { records, report } = this.#options;
    const { phase, reason, detail } = records.current;
    this.#hasTold = true;
    report.onCurrent(this.current);
    if (phase === "updated") report.onState("UPDATED", "");
    else if (phase === "failed") report.onState("FAILED", `${reason}: ${detail}`);
  }

  #mustWait(step: UpdateStep, name: PackageName): boolean {
    const obstacle = this.#options.obstacle(step, name) ?? "";
    this.#wait(step, obstacle);
    return obstacle !== "";
  }

  /** Says once for what. */
  #wait(step: string, obstacle: string): void {
    if (obstacle !== "" && obstacle !== this.#obstacle)
      this.#options.log.write("info", "ota.postponed", `${step}: ${obstacle}`);
    this.#obstacle = obstacle;
  }

  #schedule(delay: Milliseconds, then: () => void): void {
    this.#onTimer = then;
    this.#timer.start(delay);
  }
}
