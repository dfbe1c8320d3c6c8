import type { PackageFiles } from "../store/package-files.js";

/** Packages that a ThingsBoard keeps in memory by default. */
const capacity = 10;

interface Entry {
  readonly data: Buffer;
  readonly expires: number;
}

/**
 * From here alone devices are served, as by a ThingsBoard: a package is loaded when a download of it begins, and when
 * its time is over a download that is still going on gets nothing any more.
 */
export class PackageCache {
  readonly #files: PackageFiles;
  readonly #lifetime: number;
  readonly #entries = new Map<string, Entry>();

  /** @param lifetime milliseconds from loading a package on, however often it is read */
  constructor(files: PackageFiles, lifetime: number) {
    this.#files = files;
    this.#lifetime = lifetime;
  }

  load(packageId: string): void {
    if (this.get(packageId)) return;
    this.#entries.set(packageId, { data: this.#files.read(packageId), expires: Date.now() + this.#lifetime });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > capacity && oldest !== undefined) this.#entries.delete(oldest);
  }

  get(packageId: string): Buffer | undefined {
    const entry = this.#entries.get(packageId);
    if (entry && Date.now() < entry.expires) return entry.data;
    this.#entries.delete(packageId);
    return undefined;
  }

  evict(packageId: string): void {
    this.#entries.delete(packageId);
  }
}
