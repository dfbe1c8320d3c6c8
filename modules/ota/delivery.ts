// SPDX-License-Identifier: Apache-2.0

import { DeviceError, type Reason } from "../core/errors.js";
import { describeError } from "../core/failure-log.js";
import type { Clock, FlashFactory, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import type { Offer } from "./offer.js";
import { PackageDownload } from "./package-download.js";
import type { PackageReceiver, PackageSource } from "./package-source.js";
import type { PackageName, UpdateTarget } from "./target.js";
import type { Trust } from "./trust.js";
import type { Turn } from "./turn.js";
import type { UpdateRecords } from "./update-record.js";
import type { UpdateReport } from "./update-report.js";

/** Images in a row whose checksum is wrong. */
const maxDownloads = 3;

/** Between two states, because the server keeps one value of a key and a millisecond. */
const statePause: Milliseconds = 10;

/** So often it is looked whether an update may go on. */
const pollPeriod: Milliseconds = 10_000;

export type UpdateStep = "download" | "restart";

/** What is the same for all packages of a kind. */
export interface DeliverySettings {
  readonly clock: Clock;
  readonly log: LogSink;
  readonly target: UpdateTarget;
  readonly openFlash: FlashFactory;
  readonly records: UpdateRecords;
  readonly checkpoints: CheckpointStore;
  readonly trust: Trust;
  /** Bytes of a chunk, a power of two. */
  readonly chunkLength: number;
  readonly openSource: (offer: Offer, receiver: PackageReceiver) => PackageSource;
  /** Why a step has to wait, in words for people; undefined when it may be taken. */
  readonly obstacle: (step: UpdateStep, name: PackageName) => string | undefined;
  readonly turn: Turn;
  readonly report: UpdateReport;
}

export interface DeliveryEvents {
  /** It is whole and genuine, and the device may restart now. */
  onReady(): void;
  onFailed(reason: Reason, detail: string): void;
}

/**
 * One package on its way to the partition: waits for its turn and for leave to begin, is fetched, compared with its checksum, fetched
 * again where that is wrong, and waits for leave to restart the device.
 */
export class Delivery {
  readonly #settings: DeliverySettings;
  readonly #offer: Offer;
  readonly #events: DeliveryEvents;
  readonly #timer: Timer;
  /** What the timer is armed for. */
  #onTimer: () => void = () => {};
  #download: PackageDownload | undefined;
  #obstacle = "";

  /** The record says that this offer is downloading. */
  constructor(settings: DeliverySettings, offer: Offer, events: DeliveryEvents) {
    this.#settings = settings;
    this.#offer = offer;
    this.#events = events;
    this.#timer = settings.clock.timer(() => this.#onTimer());
  }

  /** Begins, or goes on after `stop`. */
  start(): void {
    if (this.#download === undefined) this.#proceed();
    else this.#download.start();
  }

  /** Nothing is called back afterwards. What came stays in the flash, with its checkpoint. Idempotent. */
  stop(): void {
    this.#download?.stop();
    this.#timer.stop();
  }

  /** As `stop`, for good: it is another's turn. */
  end(): void {
    this.stop();
    this.#settings.turn.release(this);
  }

  get #name(): string {
    return `${this.#offer.title} ${this.#offer.version}`;
  }

  /** Begins the download, when nothing is in its way. */
  #proceed(): void {
    const { turn, log, report } = this.#settings;
    // Who has to wait leaves the turn to the other kind.
    if (this.#mustWait("download") || !turn.take(this)) {
      this.#schedule(pollPeriod, () => this.#proceed());
      return;
    }
    try {
      this.#download = this.#begin();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, describeError(error));
      return;
    }
    const { missing, chunks } = this.#download.image;
    log.write("info", "ota.download", `${this.#name}, ${missing} of ${chunks} chunks are missing`);
    report.onState("DOWNLOADING", "");
    this.#download.start();
  }

  #begin(): PackageDownload {
    const { clock, target, checkpoints, trust, openFlash, openSource, report, chunkLength } = this.#settings;
    target.vacate();
    return new PackageDownload({
      ...{ clock, offer: this.#offer, checkpoints, chunkLength },
      openDigest: () => trust.open(this.#offer),
      flash: openFlash(target.next),
      slot: target.next,
      openSource: (receiver) => openSource(this.#offer, receiver),
      onProgress: (percent) => report.onProgress(percent),
      onDownloaded: () => report.onState("DOWNLOADED", ""),
      onDigest: (found) => this.#onDigest(found),
      onFailed: (reason, detail) => this.#fail(reason, detail),
    });
  }

  #onDigest(found: string): void {
    if (found === this.#offer.checksum) this.#onIntact();
    else this.#onWrongChecksum(`${this.#offer.algorithm} is ${found.slice(0, 64)}`);
  }

  #onWrongChecksum(words: string): void {
    const { records, log, report } = this.#settings;
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

  #onIntact(): void {
    const { trust, report } = this.#settings;
    let isGenuine = false;
    try {
      isGenuine = trust.isGenuine;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#wait("signature", describeError(error));
      this.#schedule(pollPeriod, () => this.#onIntact());
      return;
    }
    if (!isGenuine) {
      this.#fail("signature-wrong", this.#name);
      return;
    }
    this.#download = undefined;
    report.onState("VERIFIED", "");
    this.#schedule(statePause, () => this.#install());
  }

  /** Lets it run, when nothing is in the way of a restart. */
  #install(): void {
    if (this.#mustWait("restart")) {
      this.#schedule(pollPeriod, () => this.#install());
      return;
    }
    this.#events.onReady();
  }

  #fail(reason: Reason, detail: string): void {
    this.stop();
    this.#events.onFailed(reason, detail);
  }

  #mustWait(step: UpdateStep): boolean {
    const { title, version } = this.#offer;
    const obstacle = this.#settings.obstacle(step, { title, version }) ?? "";
    this.#wait(step, obstacle);
    return obstacle !== "";
  }

  /** Says once for what. */
  #wait(step: string, obstacle: string): void {
    if (obstacle !== "" && obstacle !== this.#obstacle)
      this.#settings.log.write("info", "ota.postponed", `${step}: ${obstacle}`);
    this.#obstacle = obstacle;
  }

  #schedule(delay: Milliseconds, then: () => void): void {
    this.#onTimer = then;
    this.#timer.start(delay);
  }
}
