// SPDX-License-Identifier: Apache-2.0

import type { File } from "file";
import type { FlashFactory } from "../../modules/core/ports.js";
import { createFlashFactory, type FlashMedium } from "../node/simulated-flash.js";
import type { Resources } from "../xs/resource.js";
import type { Folder } from "./files.js";
import { partitionSizes } from "./partitions.js";

/** An erased partition is written in pieces of this length: all of it at once is more than the machine's memory. */
const pieceLength = 4_096;

/** Name of a partition's file in the folder. */
export function flashFile(path: string): string {
  return `flash-${path}`;
}

/** Says why a partition must not be written to now; undefined where it may be. */
export type WriteRefusal = (path: string) => string | undefined;

/** The partitions as one file each, made when it is first written to. */
export function createFolderFlash(folder: Folder, resources: Resources, refusalOf: WriteRefusal): FlashFactory {
  return createFlashFactory(partitionSizes, (path, size) => {
    const medium = new FlashFile(folder, flashFile(path), size, () => refusalOf(path));
    resources.add(medium);
    return medium;
  });
}

/** A file that is overwritten in place and keeps its size; one that is not there yet is erased flash. */
class FlashFile implements FlashMedium {
  readonly size: number;
  readonly #folder: Folder;
  readonly #name: string;
  readonly #refusal: () => string | undefined;
  #file: File | undefined;
  #isClosed = false;

  constructor(folder: Folder, name: string, size: number, refusal: () => string | undefined) {
    this.#folder = folder;
    this.#name = name;
    this.#refusal = refusal;
    this.#file = folder.open(name);
    this.size = this.#file === undefined ? size : this.#file.length;
  }

  read(into: Uint8Array, byteOffset: number): void {
    this.#mustBeOpen();
    if (this.#file === undefined) {
      into.fill(255);
      return;
    }
    this.#file.position = byteOffset;
    into.set(new Uint8Array(this.#file.read(ArrayBuffer, into.length)));
  }

  write(from: Uint8Array, byteOffset: number): void {
    this.#mustBeOpen();
    const refusal = this.#refusal();
    if (refusal !== undefined) throw new Error(refusal);
    this.#file ??= create(this.#folder, this.#name, this.size);
    this.#file.position = byteOffset;
    this.#file.write(from.slice().buffer);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#isClosed = true;
  }

  /** Of a firmware that has ended nothing may come to a file any more: the next one has it. */
  #mustBeOpen(): void {
    if (this.#isClosed) throw new Error("the firmware has ended");
  }
}

function create(folder: Folder, name: string, size: number): File {
  const piece = new Uint8Array(pieceLength).fill(255).buffer;
  folder.replace(name, (file) => {
    for (let written = 0; written < size; written += pieceLength) file.write(piece);
  });
  const file = folder.open(name);
  if (file === undefined) throw new Error(`${name}: could not be made`);
  return file;
}
