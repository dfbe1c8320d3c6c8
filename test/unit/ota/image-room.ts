// SPDX-License-Identifier: Apache-2.0

import { FailureLog } from "../../../modules/core/failure-log.js";
import { CheckpointStore } from "../../../modules/ota/checkpoint-store.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import { ImageDigest } from "../../../modules/ota/image-digest.js";
import { ImageWriter } from "../../../modules/ota/image-writer.js";
import type { PackageIdentity } from "../../../modules/ota/package-identity.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeFlash, type FakeFlashOptions, PowerCut } from "../../fakes/flash.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";

export interface RoomOptions extends FakeFlashOptions {
  readonly size: number;
  readonly chunkLength: number;
  /** Chunks from the first one that is missing to the last one that is asked for. 8 when left out. */
  readonly window?: number;
}

export const key = "ota.fw";

/** A flash partition in which another image lies, a server with packages for it, and a device that loses its power. */
export class Room {
  readonly flash: FakeFlash;
  readonly storage = new FakeStorage();
  readonly failures = new FailureLog(new FakeClock(), new FakeLog(), "ota.checkpoint");
  readonly options: RoomOptions;
  chunkLength: number;
  /** Chunks that came, those that were cut short too. */
  delivered = 0;
  readonly #window: number;
  #random = 12_345;

  constructor(options: RoomOptions) {
    this.options = options;
    this.chunkLength = options.chunkLength;
    this.#window = options.window ?? 8;
    this.flash = new FakeFlash(options);
    this.flash.corrupt(0, new Uint8Array(this.flash.status.size).fill(7));
  }

  get image(): Uint8Array {
    return imageOf("1.1", this.options.size);
  }

  identity(version = "1.1"): PackageIdentity {
    return packageOf(version, this.options.size).identity;
  }

  /** What a boot begins with. */
  open(version = "1.1", slot = "ota_1"): ImageWriter {
    const { flash, storage, failures, chunkLength } = this;
    const checkpoints = new CheckpointStore({ storage, text, key, failures });
    return new ImageWriter({ flash, slot, identity: this.identity(version), chunkLength, checkpoints });
  }

  /** Delivers chunks of the window in any order, until none is missing or `limit` have come. */
  download(writer: ImageWriter, limit = Number.POSITIVE_INFINITY, version = "1.1"): void {
    const image = imageOf(version, this.options.size);
    for (let count = 0; writer.missing > 0 && count < limit; count += 1) {
      const chunk = this.#pick(writer);
      this.delivered += 1;
      writer.write(chunk, image, chunk * this.chunkLength);
    }
  }

  /** One life after the other until the image is there; true where the power went. */
  live(version = "1.1"): boolean {
    let wasCut = false;
    for (;;) {
      try {
        this.download(this.open(version), Number.POSITIVE_INFINITY, version);
        return wasCut;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        wasCut = true;
        this.flash.restore();
        this.storage.restore();
      }
    }
  }

  /** The digest of what is in the flash. */
  readBack(): string {
    const reader = new ImageDigest(this.flash, this.options.size, createDigest("MURMUR3_32"));
    let digest = reader.step();
    while (digest === undefined) digest = reader.step();
    return digest;
  }

  #pick(writer: ImageWriter): number {
    let first = 0;
    while (writer.has(first)) first += 1;
    const waiting: number[] = [];
    for (let chunk = first; chunk < Math.min(first + this.#window, writer.chunks); chunk += 1)
      if (!writer.has(chunk)) waiting.push(chunk);
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return waiting[this.#random % waiting.length] as number;
  }
}

export function imageOf(version: string, size: number): Uint8Array {
  return packageOf(version, size).image;
}

interface Package {
  readonly image: Uint8Array;
  readonly identity: PackageIdentity;
}

/** Those that were made: a sweep asks for them thousands of times. */
const packages = new Map<string, Package>();

function packageOf(version: string, size: number): Package {
  const name = `${version} ${size}`;
  const made = packages.get(name) ?? makePackage(version, size);
  packages.set(name, made);
  return made;
}

function makePackage(version: string, size: number): Package {
  const seed = version.charCodeAt(version.length - 1);
  const image = Uint8Array.from({ length: size }, (_, index) => Math.imul(index + seed, 0x9e37_79b1) >>> 13);
  const digest = createDigest("MURMUR3_32");
  digest.update(image, 0, size);
  return { image, identity: { title: "t", version, size, checksum: digest.finish(), algorithm: "MURMUR3_32" } };
}
