// SPDX-License-Identifier: Apache-2.0

/** What the engine makes of an archive, by the number that archive.c has for it. */
export const archiveState = Object.freeze({
  /** Of another version of the engine, or damaged. */
  refused: 0,
  /** Its code has the engine's numbers for all names: it can run. */
  mapped: 1,
  /** It has to be rewritten first: it is new, or this firmware numbers names otherwise than the one before. */
  unmapped: 2,
} as const);

/** The functions of archive.c: an archive of modules (.xsa) in a partition, where its code runs in place. */
export class Archive extends Native("xs_archive_destructor") {
  /** Throws where there is no such partition. */
  constructor(partition: string) {
    super();
    native("xs_archive").call(this, partition);
  }

  /** One of `archiveState`. Changes nothing. For what is whole only: the engine looks at little. */
  examine(): number {
    return native("xs_archive_examine").call(this);
  }

  /** Rewrites it for this firmware, block by block: power that goes meanwhile leaves it half done, and `examine` does not see it. */
  map(): boolean {
    return native("xs_archive_map").call(this);
  }

  /** Of an archive that is mapped. */
  has(module: string): boolean {
    return native("xs_archive_has").call(this, module);
  }

  /** For a `Compartment`. */
  get modules(): object {
    return native("xs_archive_modules").call(this);
  }
}
