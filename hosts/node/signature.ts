// SPDX-License-Identifier: Apache-2.0

import { createPublicKey } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import type { SignatureVerifier } from "../../modules/core/ports.js";

const digestLength = 32;

/** What precedes x and y of a point that is not compressed (SEC 1, section 2.3.3). */
const uncompressed = 4;

/** By a library, because node:crypto takes the message only, and ours was digested in pieces, elsewhere. */
export const verifySignature: SignatureVerifier = (publicKey, digest, signature) => {
  const key = readKey(publicKey);
  if (digest.length !== digestLength) throw new RangeError(`digest: ${digest.length} bytes, not ${digestLength}`);
  try {
    // OpenSSL signs with a high s as well as with a low one.
    return p256.verify(signature, digest, key, { prehash: false, format: "der", lowS: false });
  } catch {
    return false;
  }
};

function readKey(pem: string): Uint8Array {
  // What is a private key or a certificate to OpenSSL has a public key, too.
  if (!/^\s*-----BEGIN PUBLIC KEY-----/.test(pem)) throw new RangeError("publicKey: not a public key in PEM");
  const { crv, x = "", y = "" } = exportKey(pem);
  if (crv !== "P-256") throw new RangeError("publicKey: not on curve P-256");
  return Buffer.concat([Uint8Array.of(uncompressed), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
}

function exportKey(pem: string): { readonly crv?: string; readonly x?: string; readonly y?: string } {
  try {
    return createPublicKey(pem).export({ format: "jwk" }) as object;
  } catch {
    throw new RangeError("publicKey: not a key that can be used");
  }
}
