// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { BootLoader, FlashFactory, Text } from "../../modules/core/ports.js";
import {
  bootOtaData,
  chooseImage,
  confirmImage,
  formatOtaData,
  type OtaData,
  otherImage,
  parseOtaData,
  stateOf,
  writeRefusal,
} from "../node/ota-data.js";

/** What an image for the simulator begins with. It holds no code: "good" runs, "crash" ends in an exception each time that it is started. */
const images = Object.freeze({ good: "xsthing-simulated-image good\n", crash: "xsthing-simulated-image crash\n" });

const fileName = "otadata";

/** Small files that outlive the simulator. */
interface Storage {
  read(name: string): Uint8Array | undefined;
  write(name: string, content: Uint8Array): void;
}

/**
 * The life of an update without new code: this machine cannot replace what it runs, so that after a restart the same firmware
 * runs, as the image in the other partition. Everything else is as on the chip, power cuts included.
 */
export class SimulatedBootLoader implements BootLoader {
  readonly running: string;
  readonly next: string;
  /** The image that runs is one that crashes. */
  readonly isCrashing: boolean;
  readonly #folder: Storage;
  readonly #text: Text;
  readonly #openFlash: FlashFactory;
  #data: OtaData;

  /** Boots: to be made once for every start of the firmware, and before it. */
  constructor(folder: Storage, text: Text, openFlash: FlashFactory) {
    this.#folder = folder;
    this.#text = text;
    this.#openFlash = openFlash;
    const kept = folder.read(fileName);
    const before = parseOtaData(kept === undefined ? "" : text.decode(kept, 0, kept.length));
    this.#data = bootOtaData(before);
    this.running = this.#data.chosen;
    this.next = otherImage(this.running);
    if (formatOtaData(this.#data) !== formatOtaData(before)) this.#record(this.#data);
    this.isCrashing = this.#holds(this.running, images.crash);
  }

  get isOnTrial(): boolean {
    return stateOf(this.#data, this.running) === "trial";
  }

  get isNextRejected(): boolean {
    return stateOf(this.#data, this.next) === "rejected";
  }

  select(): void {
    if (this.isOnTrial) throw new DeviceError("image-refused", `image-refused: ${this.running} is on trial`);
    if (!this.#holds(this.next, images.good) && !this.#holds(this.next, images.crash))
      throw new DeviceError("image-refused", `image-refused: ${this.next} holds no image for the simulator`);
    this.#record(chooseImage(this.#data, this.next));
  }

  confirm(): void {
    if (this.isOnTrial) this.#record(confirmImage(this.#data, this.running));
  }

  /** Why a partition must not be written to: it runs, or it is what a trial returns to. */
  refusalOf(partition: string): string | undefined {
    return writeRefusal(this.#data, this.running, partition);
  }

  #holds(partition: string, image: string): boolean {
    const bytes = new Uint8Array(image.length);
    this.#openFlash(partition).read(bytes, 0);
    return this.#text.decode(bytes, 0, bytes.length) === image;
  }

  #record(data: OtaData): void {
    const line = formatOtaData(data);
    const bytes = new Uint8Array(this.#text.byteLength(line));
    this.#text.encodeInto(line, bytes, 0);
    try {
      this.#folder.write(fileName, bytes);
    } catch (cause) {
      throw new DeviceError("storage-failed", `storage-failed: ${cause}`, { cause });
    }
    this.#data = data;
  }
}
