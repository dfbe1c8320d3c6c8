// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { SignatureVerifier } from "../../modules/core/ports.js";

const digestLength = 32;

/** What tls-signature.c says of a check. */
const good = 0;
const badKey = 2;
const noMemory = 3;

/** By Mbed TLS. */
export const verifySignature: SignatureVerifier = (publicKey, digest, signature) => {
  if (digest.length !== digestLength) throw new RangeError(`digest: ${digest.length} bytes, not ${digestLength}`);
  const verdict = native("xs_tls_signature").call(undefined, publicKey, digest, signature) as number;
  if (verdict === noMemory) throw new DeviceError("signature-unchecked", "no memory for a signature");
  if (verdict === badKey) throw new RangeError("publicKey: not a public key on P-256");
  return verdict === good;
};
