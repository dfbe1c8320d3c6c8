// SPDX-License-Identifier: Apache-2.0

import { createHash, type Hash } from "node:crypto";
import type { Digest, DigestAlgorithm, DigestFactory } from "../../modules/core/ports.js";

const names: ReadonlyMap<DigestAlgorithm, string> = new Map([
  ["MD5", "md5"],
  ["SHA256", "sha256"],
  ["SHA384", "sha384"],
  ["SHA512", "sha512"],
]);

class NodeDigest implements Digest {
  readonly #hash: Hash;

  constructor(name: string) {
    this.#hash = createHash(name);
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    const isPart = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end;
    if (!isPart || end > bytes.length) throw new RangeError(`${start} to ${end}: not within ${bytes.length} bytes`);
    this.#hash.update(bytes.subarray(start, end));
  }

  finish(): string {
    return this.#hash.digest("hex");
  }
}

export const createNodeDigest: DigestFactory = (algorithm) => {
  const name = names.get(algorithm);
  return name === undefined ? undefined : new NodeDigest(name);
};
