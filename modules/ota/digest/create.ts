// SPDX-License-Identifier: Apache-2.0

import type { Digest, DigestAlgorithm, DigestFactory } from "../../core/ports.js";
import { Crc32 } from "./crc32.js";
import { Md5 } from "./md5.js";
import { Murmur3x32 } from "./murmur3-32.js";
import { Murmur3x128 } from "./murmur3-128.js";
import { Sha256 } from "./sha256.js";
import { Sha512 } from "./sha512.js";

/** A digest in TypeScript. */
export function createDigest(algorithm: DigestAlgorithm): Digest {
  switch (algorithm) {
    case "MD5":
      return new Md5();
    case "SHA256":
      return new Sha256();
    case "SHA384":
      return new Sha512(384);
    case "SHA512":
      return new Sha512(512);
    case "CRC32":
      return new Crc32();
    case "MURMUR3_32":
      return new Murmur3x32();
    case "MURMUR3_128":
      return new Murmur3x128();
  }
}

/** The host's own digest where it has one, which is faster, and one in TypeScript where not. */
export function openDigest(algorithm: DigestAlgorithm, native: DigestFactory | undefined): Digest {
  return native?.(algorithm) ?? createDigest(algorithm);
}
