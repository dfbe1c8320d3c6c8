// SPDX-License-Identifier: Apache-2.0

import { Directory, File } from "file";
import config from "mc/config";

/** A folder of small files that outlives the simulator: what stands for the board's flash. */
export class Folder {
  readonly #path: string;

  /** The folder that the configuration names as `storage`, or one beside the SDK's own files. */
  constructor() {
    const path: string = config.storage ?? `${config.file.root}xsthing-simulator`;
    Directory.create(path);
    this.#path = path.endsWith("/") ? path : `${path}/`;
  }

  /** Where the file of this name is. */
  pathOf(name: string): string {
    return this.#path + name;
  }

  /** Undefined where there is no such file. */
  read(name: string): Uint8Array | undefined {
    const path = this.#path + name;
    if (!File.exists(path)) return undefined;
    const file = new File(path);
    try {
      return file.length === 0 ? new Uint8Array(0) : new Uint8Array(file.read(ArrayBuffer));
    } finally {
      file.close();
    }
  }

  /** Writes beside the file and puts it in the place of the old one. */
  write(name: string, content: Uint8Array): void {
    this.replace(name, (file) => file.write(content.slice().buffer));
  }

  /** Has a file written beside the old one, which it replaces when `fill` returns. */
  replace(name: string, fill: (file: File) => void): void {
    const temporary = `${this.#path}${name}.new`;
    File.delete(temporary);
    const file = new File(temporary, true);
    try {
      fill(file);
    } finally {
      file.close();
    }
    if (File.rename(temporary, name)) return;
    // Windows does not rename over a file that exists.
    File.delete(this.#path + name);
    if (!File.rename(temporary, name)) throw new Error(`${name}: could not be replaced`);
  }

  /** To be read and written in place. Undefined where there is no such file. */
  open(name: string): File | undefined {
    const path = this.#path + name;
    return File.exists(path) ? new File(path, true) : undefined;
  }

  /** True when the file existed. */
  delete(name: string): boolean {
    const path = this.#path + name;
    return File.exists(path) && File.delete(path);
  }
}
