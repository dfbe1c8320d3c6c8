// SPDX-License-Identifier: Apache-2.0

import type { Digest, DigestAlgorithm, DigestFactory } from "../../modules/core/ports.js";

/** Those of ours that the SDK has, which has the same names for them. */
const algorithms: readonly DigestAlgorithm[] = Object.freeze(["MD5", "SHA256", "SHA384", "SHA512"]);

/** The functions of the SDK's modCrypt.c. Its crypt.js would bring the ciphers, which nobody here needs. */
class SdkDigest extends Native("xs_crypt_Digest_destructor") implements Digest {
  constructor(algorithm: DigestAlgorithm) {
    super();
    native("xs_crypt_Digest").call(this, algorithm);
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    const isPart = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end;
    if (!isPart || end > bytes.length) throw new RangeError(`${start} to ${end}: not within ${bytes.length} bytes`);
    if (end > start) native("xs_crypt_Digest_write").call(this, bytes.subarray(start, end));
  }

  finish(): string {
    const bytes = new Uint8Array(native("xs_crypt_Digest_close").call(this) as ArrayBuffer);
    let text = "";
    for (let index = 0; index < bytes.length; index += 1)
      text += (bytes[index] as number).toString(16).padStart(2, "0");
    return text;
  }
}

/** Digests by the SDK, in C. */
export const createSdkDigest: DigestFactory = (algorithm) =>
  algorithms.includes(algorithm) ? new SdkDigest(algorithm) : undefined;
