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
  onReady(offer: Offer): void;
  onFailed(reason: Reason, detail: string): void;
}

/**
 * One package on its way to the partition: waits for its turn and for leave to begin, is fetched, compared with its checksum, fetched
 * again where that is wrong, and waits for leave to restart the device.
 */
export class Delivery {
  readonly #settings: DeliverySettings;
  readonly #events: DeliveryEvents;
  readonly #offer: Offer;
  readonly #timer: Timer;
  /** What the timer is armed for. */
  #onTimer: (() => void) | undefined;
  #download: PackageDownload | undefined;
  #obstacle = "";

  constructor(settings: DeliverySettings, events: DeliveryEvents, offer: Offer) {
    this.#settings = settings;
    this.#events = events;
    this.#offer = offer;
    this.#timer = settings.clock.timer(() => this.#onTimer?.());
  }

  /** Begins, or goes on after `stop`. The record says that the package is downloading. */
  start(): void {
    if (this.#download !== undefined) this.#download.start();
    else this.#proceed();
  }

  /** Nothing is called back afterwards. Idempotent. */
  stop(): void {
    this.#download?.stop();
    this.#timer.stop();
  }

  /** It is waited for no longer. What came stays in the flash, with its checkpoint. Idempotent. */
  end(): void {
    this.#endDownload();
    this.#timer.stop();
    this.#settings.turn.release(this);
  }

  /** Begins the download, when nothing is in its way. */
  #proceed(): void {
    const { turn, log, report } = this.#settings;
    const offer = this.#offer;
    // Who has to wait leaves the turn to the other kind.
    if (this.#mustWait("download", offer) || !turn.take(this)) {
      this.#schedule(pollPeriod, () => this.#proceed());
      return;
    }
    try {
      this.#download = this.#open();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#fail(error.reason, describeError(error));
      return;
    }
    const { missing, chunks } = this.#download.image;
    log.write("info", "ota.download", `${nameOf(offer)}, ${missing} of ${chunks} chunks are missing`);
    report.onState("DOWNLOADING", "");
    this.#download.start();
  }

  #open(): PackageDownload {
    const offer = this.#offer;
    const { clock, target, checkpoints, trust, openFlash, openSource, report, chunkLength } = this.#settings;
    target.vacate();
    return new PackageDownload({
      ...{ clock, offer, checkpoints, chunkLength },
      openDigest: () => trust.open(offer),
      flash: openFlash(target.next),
      slot: target.next,
      openSource: (receiver) => openSource(offer, receiver),
      onProgress: (percent) => report.onProgress(percent),
      onDownloaded: () => report.onState("DOWNLOADED", ""),
      onDigest: (found) => this.#onDigest(found),
      onFailed: (reason, detail) => this.#fail(reason, detail),
    });
  }

  #onDigest(found: string): void {
    const { checksum, algorithm } = this.#offer;
    if (found === checksum) this.#onIntact();
    else this.#onWrongChecksum(`${algorithm} is ${found.slice(0, 64)}`);
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
      isGenuine = trust.isGenuine();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#wait("signature", describeError(error));
      this.#schedule(pollPeriod, () => this.#onIntact());
      return;
    }
    if (!isGenuine) {
      this.#fail("signature-wrong", nameOf(this.#offer));
      return;
    }
    this.#endDownload();
    report.onState("VERIFIED", "");
    this.#install();
  }

  /** Lets it run, when nothing is in the way of a restart. */
  #install(): void {
    if (this.#mustWait("restart", this.#offer)) {
      this.#schedule(pollPeriod, () => this.#install());
      return;
    }
    this.#events.onReady(this.#offer);
  }

  #endDownload(): void {
    this.#download?.stop();
    this.#download = undefined;
  }

  #fail(reason: Reason, detail: string): void {
    this.stop();
    this.#events.onFailed(reason, detail);
  }

  #mustWait(step: UpdateStep, { title, version }: PackageName): boolean {
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

function nameOf({ title, version }: PackageName): string {
  return `${title} ${version}`;
}
