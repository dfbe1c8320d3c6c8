// SPDX-License-Identifier: Apache-2.0

import { DeviceError, type Reason } from "../core/errors.js";
import { describeError } from "../core/failure-log.js";
import type { Clock, Digest, Flash, Timer } from "../core/ports.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { ImageDigest } from "./image-digest.js";
import { ImageWriter } from "./image-writer.js";
import type { Offer } from "./offer.js";
import type { PackageReceiver, PackageSource } from "./package-source.js";

/** Writes, or reads, that fail in a row: the flash is broken. */
const maxFailures = 5;

export interface PackageDownloadOptions {
  readonly clock: Clock;
  readonly flash: Flash;
  /** Name of the partition. */
  readonly slot: string;
  readonly offer: Offer;
  /** Bytes; see `ImageWriter`. */
  readonly chunkLength: number;
  readonly checkpoints: CheckpointStore;
  /** For what the flash holds. */
  readonly openDigest: () => Digest;
  readonly openSource: (receiver: PackageReceiver) => PackageSource;
  readonly onProgress: (percent: number) => void;
  /** Every byte is in the flash, and is read back now. */
  readonly onDownloaded: () => void;
  /** What is in the flash has this digest by the offer's algorithm. */
  readonly onDigest: (digest: string) => void;
  readonly onFailed: (reason: Reason, detail: string) => void;
}

/** A package on its way into a partition, until it was read back from there. None of the callbacks runs inside a call. */
export class PackageDownload implements PackageReceiver {
  readonly image: ImageWriter;
  readonly #options: PackageDownloadOptions;
  readonly #source: PackageSource;
  readonly #timer: Timer;
  #reading: ImageDigest | undefined;
  #failures = 0;

  /** Goes on where the checkpoint says. Throws as `ImageWriter`. */
  constructor(options: PackageDownloadOptions) {
    const { clock, flash, slot, offer, chunkLength, checkpoints, openSource } = options;
    this.#options = options;
    this.image = new ImageWriter({ flash, slot, identity: offer, chunkLength, checkpoints });
    this.#source = openSource(this);
    this.#timer = clock.timer(() => this.#readOn());
  }

  /** Begins, or goes on after `stop`. */
  start(): void {
    if (this.image.missing === 0) this.#timer.start(0);
    else this.#source.start();
  }

  /** Nothing is called back afterwards. Idempotent. */
  stop(): void {
    this.#source.stop();
    this.#timer.stop();
  }

  /** What came was wrong: once more, from the first byte. Throws `DeviceError` "storage-failed". */
  restart(): void {
    this.image.restart();
    this.start();
  }

  onChunk(chunk: number, bytes: Uint8Array, start: number): void {
    if (!this.#attempt(() => this.image.write(chunk, bytes, start))) return;
    const { chunks, missing } = this.image;
    this.#options.onProgress(Math.floor((100 * (chunks - missing)) / chunks));
    if (missing > 0) return;
    this.#source.stop();
    this.#timer.start(0);
  }

  onFailed(reason: Reason, detail: string): void {
    this.stop();
    this.#options.onFailed(reason, detail);
  }

  #readOn(): void {
    if (this.#reading === undefined) this.#beginReading();
    const reading = this.#reading;
    if (reading === undefined) return;
    let digest: string | undefined;
    this.#attempt(() => {
      digest = reading.step();
    });
    if (digest === undefined) {
      if (this.#failures < maxFailures) this.#timer.start(0);
      return;
    }
    this.#reading = undefined;
    this.#options.onDigest(digest);
  }

  #beginReading(): void {
    const { flash, offer, openDigest, onDownloaded } = this.#options;
    this.#reading = new ImageDigest(flash, offer.size, openDigest());
    onDownloaded();
  }

  /** False where the flash failed; too often in a row, that is the end. */
  #attempt(step: () => void): boolean {
    try {
      step();
      this.#failures = 0;
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#failures += 1;
      if (this.#failures === maxFailures) this.onFailed(error.reason, describeError(error));
      return false;
    }
  }
}
