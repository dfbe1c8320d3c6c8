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

/** The partitions as one file each, made when it is first opened. */
export function createFolderFlash(folder: Folder, resources: Resources): FlashFactory {
  return createFlashFactory(partitionSizes, (path, size) => {
    const name = flashFile(path);
    const medium = new FlashFile(folder.open(name) ?? create(folder, name, size));
    resources.add(medium);
    return medium;
  });
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

/** A file that is overwritten in place and keeps its size. */
class FlashFile implements FlashMedium {
  readonly size: number;
  readonly #file: File;
  #isClosed = false;

  constructor(file: File) {
    this.#file = file;
    this.size = file.length;
  }

  read(into: Uint8Array, byteOffset: number): void {
    this.#file.position = byteOffset;
    into.set(new Uint8Array(this.#file.read(ArrayBuffer, into.length)));
  }

  write(from: Uint8Array, byteOffset: number): void {
    this.#file.position = byteOffset;
    this.#file.write(from.slice().buffer);
  }

  close(): void {
    if (!this.#isClosed) this.#file.close();
    this.#isClosed = true;
  }
}
