// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { Digest, DigestFactory, SignatureVerifier } from "../core/ports.js";
import { openDigest } from "./digest/create.js";
import type { Offer } from "./offer.js";
import { readSignature } from "./signature.js";
import { SignedDigest } from "./signed-digest.js";

export interface TrustOptions {
  /** The host's digests. */
  readonly native: DigestFactory | undefined;
  /** Whose packages are taken: PEM that `checkPublicKey` let pass. Undefined takes everybody's. */
  readonly publicKey: string | undefined;
  readonly verify: SignatureVerifier | undefined;
}

/** Whether a package is what it is said to be: by its checksum, and by its signature where the firmware has a key for that. */
export class Trust {
  readonly #options: TrustOptions;
  #signed: SignedDigest | undefined;

  constructor(options: TrustOptions) {
    this.#options = options;
  }

  /** Throws `DeviceError` "signature-missing" or "package-malformed" for an offer that need not be fetched to be refused. */
  checkOffer({ signature }: Offer): void {
    if (this.#options.publicKey === undefined) return;
    if (readSignature(signature) === undefined) throw new DeviceError("signature-missing");
  }

  /** For the checksum of one package, which has passed `checkOffer`. */
  open({ algorithm, signature: text }: Offer): Digest {
    const { native, publicKey, verify } = this.#options;
    this.#signed = undefined;
    // Where nobody asks for a signature, one that is malformed does no harm.
    const signature = publicKey === undefined ? undefined : readSignature(text);
    if (publicKey === undefined || verify === undefined || signature === undefined)
      return openDigest(algorithm, native);
    this.#signed = new SignedDigest({ algorithm, native, verify, publicKey, signature });
    return this.#signed;
  }

  /** After the last one that was opened has finished. Throws `DeviceError` "signature-unchecked" where that cannot be told now. */
  isGenuine(): boolean {
    return this.#signed?.isGenuine() ?? this.#options.publicKey === undefined;
  }
}
