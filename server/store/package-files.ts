import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OtaPackage } from "./ota-packages.js";

/** The bytes of the packages: beside the log a file each, or in memory if the state is. */
export class PackageFiles {
  readonly #directory: string | undefined;
  readonly #inMemory = new Map<string, Buffer>();

  /** @param state the directory of the log */
  constructor(state?: string) {
    this.#directory = state === undefined ? undefined : join(state, "packages");
  }

  /** To be called before the package is said to have a file: what a kill leaves here is then nobody's. */
  write(packageId: string, data: Buffer): void {
    if (this.#directory === undefined) {
      this.#inMemory.set(packageId, data);
      return;
    }
    mkdirSync(this.#directory, { recursive: true });
    const path = join(this.#directory, packageId);
    writeFileSync(`${path}.new`, data);
    renameSync(`${path}.new`, path);
  }

  /** @throws {Error} there is no such file */
  read(packageId: string): Buffer {
    if (this.#directory !== undefined) return readFileSync(join(this.#directory, packageId));
    const data = this.#inMemory.get(packageId);
    if (!data) throw new Error(`no file of package ${packageId}`);
    return data;
  }

  delete(packageId: string): void {
    this.#inMemory.delete(packageId);
    if (this.#directory !== undefined) rmSync(join(this.#directory, packageId), { force: true });
  }

  /**
   * Removes what a kill left behind.
   * @throws {Error} a package's file is missing or of the wrong size
   */
  check(packages: readonly OtaPackage[]): void {
    if (this.#directory === undefined) return;
    const withFile = packages.filter(({ hasFile }) => hasFile);
    for (const { id, dataSize } of withFile) {
      const path = join(this.#directory, id);
      if (!existsSync(path) || statSync(path).size !== dataSize) {
        throw new Error(`${path} is missing or damaged; remove the state to start afresh`);
      }
    }
    const known = new Set(withFile.map(({ id }) => id));
    if (!existsSync(this.#directory)) return;
    for (const name of readdirSync(this.#directory)) if (!known.has(name)) rmSync(join(this.#directory, name));
  }
}
