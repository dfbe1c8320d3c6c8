// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { Digest, DigestAlgorithm, DigestFactory, SignatureVerifier } from "../core/ports.js";
import { openDigest } from "./digest/create.js";

const signedAlgorithm: DigestAlgorithm = "SHA256";

export interface SignedDigestOptions {
  /** Of the checksum. */
  readonly algorithm: DigestAlgorithm;
  /** The host's digests. */
  readonly native: DigestFactory | undefined;
  readonly verify: SignatureVerifier;
  /** PEM that `checkPublicKey` let pass. */
  readonly publicKey: string;
  readonly signature: Uint8Array;
}

/** A digest that is good for the checksum of a package and for its signature, so that its bytes are read once. */
export class SignedDigest implements Digest {
  readonly #options: SignedDigestOptions;
  readonly #checksum: Digest;
  /** Absent where the checksum is of the same algorithm. */
  readonly #signed: Digest | undefined;
  #signedHex = "";

  constructor(options: SignedDigestOptions) {
    const { algorithm, native } = options;
    this.#options = options;
    this.#checksum = openDigest(algorithm, native);
    if (algorithm !== signedAlgorithm) this.#signed = openDigest(signedAlgorithm, native);
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    this.#checksum.update(bytes, start, end);
    this.#signed?.update(bytes, start, end);
  }

  finish(): string {
    const checksum = this.#checksum.finish();
    this.#signedHex = this.#signed?.finish() ?? checksum;
    return checksum;
  }

  /**
   * After `finish`: whether the signature is one of these bytes by the holder of the key. Takes as long as the platform's ECDSA, some hundred
   * milliseconds on a chip. Throws `DeviceError` "signature-unchecked" where that cannot be told now; it may be asked again.
   */
  isGenuine(): boolean {
    const { verify, publicKey, signature } = this.#options;
    try {
      return verify(publicKey, bytesOf(this.#signedHex), signature);
    } catch (error) {
      // The key was good before: where there is no memory, Mbed TLS 4 says that it is a bad one.
      if (error instanceof RangeError) throw new DeviceError("signature-unchecked", error.message, { cause: error });
      throw error;
    }
  }
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let index = 0; index < bytes.length; index += 1)
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  return bytes;
}
