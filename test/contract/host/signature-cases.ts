// SPDX-License-Identifier: Apache-2.0

import { decodeBase64 } from "../../../modules/core/base64.js";
import type { Host } from "../../../modules/core/ports.js";
import { check, equal, throws } from "../check.js";
import type { HostCase } from "./case.js";
import {
  badKeys,
  digestHex,
  goodSignatures,
  otherPublicKeyP256,
  publicKeyP256,
  wrongSignatures,
} from "./signature-vectors.js";

type Verifying = Pick<Host, "verifySignature">;

const digest = Uint8Array.from({ length: 32 }, (_, index) =>
  Number.parseInt(digestHex.slice(2 * index, 2 * index + 2), 16),
);

const [anySignature = ""] = goodSignatures;

/** Of a host that can have them: those that check certificates can. */
export const signatureCases: readonly HostCase<Verifying>[] = [
  {
    name: "a signature by the holder of the key is right, again and again",
    run: (host, done) => {
      for (let round = 0; round < 3; round++)
        for (const signature of goodSignatures) check(verify(host, publicKeyP256, signature), signature);
      done();
    },
  },
  {
    name: "a key in PEM may end without a line break, or have those of Windows",
    run: (host, done) => {
      check(verify(host, publicKeyP256.trim(), anySignature), "without");
      check(verify(host, publicKeyP256.split("\n").join("\r\n"), anySignature), "of Windows");
      done();
    },
  },
  {
    name: "a signature is wrong for another digest, by a single bit",
    run: (host, done) => {
      for (const index of [0, 15, 31]) {
        const other = digest.slice();
        other[index] = (other[index] as number) ^ 1;
        check(!verify(host, publicKeyP256, anySignature, other), `byte ${index}`);
      }
      check(!verify(host, publicKeyP256, anySignature, new Uint8Array(32)), "zeros");
      done();
    },
  },
  {
    name: "a digest of another length is refused",
    run: (host, done) => {
      for (const length of [0, 31, 33, 64]) {
        const other = new Uint8Array(length);
        throws(() => verify(host, publicKeyP256, anySignature, other), RangeError, `${length} bytes`);
      }
      done();
    },
  },
  {
    name: "a digest and a signature may lie in the middle of a buffer",
    run: (host, done) => {
      const bytes = decodeBase64(anySignature, 200);
      const buffer = new Uint8Array(bytes.length + digest.length + 3).fill(7);
      buffer.set(digest, 1);
      buffer.set(bytes, 2 + digest.length);
      const parts = [buffer.subarray(1, 1 + digest.length), buffer.subarray(2 + digest.length, -1)] as const;
      equal(host.verifySignature?.(publicKeyP256, ...parts), true, "signature");
      done();
    },
  },
  {
    name: "a signature is wrong for another key",
    run: (host, done) => {
      for (const signature of goodSignatures) check(!verify(host, otherPublicKeyP256, signature), signature);
      done();
    },
  },
  {
    name: "a signature is wrong that is somebody else's, cut short or made up, of another curve, or has integers that none has",
    run: (host, done) => {
      for (const [what, signature] of wrongSignatures) check(!verify(host, publicKeyP256, signature), what);
      check(verify(host, publicKeyP256, anySignature), "the right one afterwards");
      done();
    },
  },
  {
    name: "a key that is no public one on P-256 is refused, whatever the signature is",
    run: (host, done) => {
      for (const [what, key] of badKeys)
        for (const signature of [anySignature, ""])
          throws(() => verify(host, key, signature), RangeError, `${what}, "${signature}"`);
      check(verify(host, publicKeyP256, anySignature), "the right one afterwards");
      done();
    },
  },
];

function verify({ verifySignature }: Verifying, key: string, signature: string, of: Uint8Array = digest): boolean {
  if (verifySignature === undefined) throw new Error("there is no verifySignature");
  return verifySignature(key, of, decodeBase64(signature, 200));
}
