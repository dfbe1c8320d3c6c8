// SPDX-License-Identifier: Apache-2.0
// Signatures of packages: ECDSA on P-256 with SHA-256, DER in Base64, apart from the package.

import type { Json } from "../cloud/json.js";
import { decodeBase64 } from "../core/base64.js";
import { DeviceError } from "../core/errors.js";
import type { SignatureVerifier } from "../core/ports.js";

/** A sequence of two integers of 1 to 33 bytes, each with two bytes of tag and length, as the sequence has. */
const minLength = 8;
const maxLength = 72;

const sequenceTag = 0x30;

/** Two ones: well-formed, and nobody's. */
const dummySignature: readonly number[] = Object.freeze([sequenceTag, 6, 2, 1, 1, 2, 1, 1]);
const digestLength = 32;

/**
 * The signature in a shared attribute, undefined where there is none; null is as good as absent. Throws `DeviceError` "package-malformed" for
 * what can be no signature.
 */
export function readSignature(value: Json | undefined): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new DeviceError("package-malformed", "signature: not a string");
  const signature = decode(value);
  if (signature.length < minLength)
    throw new DeviceError(
      "package-malformed",
      `signature: ${signature.length} bytes, not ${minLength} to ${maxLength}`,
    );
  if (signature[0] !== sequenceTag || signature[1] !== signature.length - 2)
    throw new DeviceError("package-malformed", "signature: not DER");
  return signature;
}

/** Throws `RangeError` where signatures by the holder of a key cannot be checked, because of the key or of the host. */
export function checkPublicKey(verify: SignatureVerifier | undefined, publicKey: string): void {
  if (verify === undefined) throw new RangeError("publicKey: this firmware was built without what checks signatures");
  verify(publicKey, new Uint8Array(digestLength), Uint8Array.from(dummySignature));
}

function decode(text: string): Uint8Array {
  try {
    return decodeBase64(text, maxLength);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DeviceError("package-malformed", `signature: ${error.message}`);
  }
}
