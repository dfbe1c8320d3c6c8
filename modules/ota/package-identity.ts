// SPDX-License-Identifier: Apache-2.0

import type { DigestAlgorithm } from "../core/ports.js";

/** Bytes of UTF-8 that a title and a version may have each. */
export const maxNameBytes = 255;

/** What tells one package from another: two that agree in all of it are the same bytes. */
export interface PackageIdentity {
  readonly title: string;
  /** Text that is compared as it is: "1.1" and "1.10" are two versions. */
  readonly version: string;
  /** In bytes, from 1. */
  readonly size: number;
  /** Lower-case hex, as long as the algorithm's digests are. */
  readonly checksum: string;
  readonly algorithm: DigestAlgorithm;
}

export function isSamePackage(one: PackageIdentity, other: PackageIdentity): boolean {
  return (
    one.title === other.title &&
    one.version === other.version &&
    one.size === other.size &&
    one.checksum === other.checksum &&
    one.algorithm === other.algorithm
  );
}
