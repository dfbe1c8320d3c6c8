// SPDX-License-Identifier: Apache-2.0

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DeviceError } from "../../modules/core/errors.js";
import type { BootLoader } from "../../modules/core/ports.js";
import { flashFile } from "./flash.js";
import { type EngineName, type Image, parseImage } from "./image.js";
import {
  bootOtaData,
  chooseImage,
  confirmImage,
  formatOtaData,
  imagePartitions,
  type OtaData,
  otherImage,
  parseOtaData,
  stateOf,
  writeRefusal,
} from "./ota-data.js";
import { attempt, ifPresent, replaceFile } from "./storage.js";

/** What the boot loader has started. */
export interface Boot {
  /** As "ota_0". */
  readonly slot: string;
  /** Undefined is the firmware that is built in. */
  readonly image: Image | undefined;
  readonly isOnTrial: boolean;
  /** Why images that were to boot were passed over. */
  readonly refusals: readonly string[];
}

/**
 * Plays the boot loader of the board in `folder`, to be called once in every process that runs its firmware, before that does: an image
 * that was on trial has failed, one that was chosen is on trial, one that cannot run is passed over. It is recorded before this returns,
 * so that a process that is killed at any time counts as a boot. Throws `DeviceError` "image-refused" where nothing can boot.
 */
export function boot(folder: string, engine: EngineName): Boot {
  const before = readOtaData(folder);
  let data = bootOtaData(before);
  const refusals: string[] = [];
  for (const _ of imagePartitions) {
    const slot = data.chosen;
    try {
      if (stateOf(data, slot) === "rejected") throw new DeviceError("image-refused", `${slot} was rejected before`);
      const image = readImage(folder, slot, engine);
      if (formatOtaData(data) !== formatOtaData(before)) writeOtaData(folder, data);
      return { slot, image, isOnTrial: stateOf(data, slot) === "trial", refusals };
    } catch (error) {
      if (!(error instanceof DeviceError) || error.reason !== "image-refused") throw error;
      refusals.push(error.message);
      data = bootOtaData({ chosen: otherImage(slot), states: new Map(data.states).set(slot, "rejected") });
    }
  }
  throw new DeviceError("image-refused", `no image can boot, --factory runs the sources: ${refusals.join("; ")}`);
}

/** The firmware that is built in runs from the next boot on, with its own application. */
export function resetToFactory(folder: string): void {
  for (const partition of [imagePartitions[0], "xs"]) rmSync(flashFile(folder, partition), { force: true });
  rmSync(otaDataFile(folder), { force: true });
}

/** For the firmware that `boot` started. */
export class FileBootLoader implements BootLoader {
  readonly running: string;
  readonly next: string;
  readonly #folder: string;
  readonly #engine: EngineName;
  #data: OtaData;

  constructor(folder: string, engine: EngineName) {
    this.#folder = folder;
    this.#engine = engine;
    this.#data = readOtaData(folder);
    this.running = this.#data.chosen;
    this.next = otherImage(this.running);
  }

  get isOnTrial(): boolean {
    return stateOf(this.#data, this.running) === "trial";
  }

  get isNextRejected(): boolean {
    return stateOf(this.#data, this.next) === "rejected";
  }

  select(): void {
    if (this.isOnTrial)
      throw new DeviceError(
        "image-refused",
        `image-refused: ${this.running} is on trial, it has to be confirmed first`,
      );
    readImage(this.#folder, this.next, this.#engine);
    attempt(() => sync(flashFile(this.#folder, this.next)));
    this.#record(chooseImage(this.#data, this.next));
  }

  confirm(): void {
    if (this.isOnTrial) this.#record(confirmImage(this.#data, this.running));
  }

  /** Why a partition must not be written to: it runs, or it is what a trial returns to. */
  refusalOf(partition: string): string | undefined {
    return writeRefusal(this.#data, this.running, partition);
  }

  #record(data: OtaData): void {
    writeOtaData(this.#folder, data);
    this.#data = data;
  }
}

/** Undefined is the firmware that is built in: it counts as being in the first slot until something is written there. */
function readImage(folder: string, slot: string, engine: EngineName): Image | undefined {
  const bytes = attempt(() => ifPresent(() => readFileSync(flashFile(folder, slot))));
  if (bytes === undefined && slot === imagePartitions[0]) return undefined;
  return parseImage(bytes ?? new Uint8Array(), "firmware", engine, slot);
}

function otaDataFile(folder: string): string {
  return join(folder, "otadata");
}

function readOtaData(folder: string): OtaData {
  return parseOtaData(attempt(() => ifPresent(() => readFileSync(otaDataFile(folder), "utf8"))) ?? "");
}

function writeOtaData(folder: string, data: OtaData): void {
  attempt(() => {
    mkdirSync(folder, { recursive: true });
    replaceFile(otaDataFile(folder), Buffer.from(formatOtaData(data)));
  });
}

/** What was written to a file goes to disk, if there is one. */
function sync(path: string): void {
  const file = ifPresent(() => openSync(path, "r+"));
  if (file === undefined) return;
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
