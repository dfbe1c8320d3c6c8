// SPDX-License-Identifier: Apache-2.0
// ECDSA (FIPS 186-5, section 6.4.2) on P-256 over a digest that was made elsewhere: node:crypto takes the message only.
// Nothing here is secret, so that it need not take constant time.

import { createPublicKey } from "node:crypto";
import type { SignatureVerifier } from "../../modules/core/ports.js";

/** Affine coordinates; undefined is the point at infinity. */
type Point = readonly [x: bigint, y: bigint] | undefined;

const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const coefficient = -3n;
const generator: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

const digestLength = 32;

export const verifySignature: SignatureVerifier = (publicKey, digest, signature) => {
  const key = readKey(publicKey);
  if (digest.length !== digestLength) throw new RangeError(`digest: ${digest.length} bytes, not ${digestLength}`);
  const [r, s] = readSignature(signature) ?? [0n, 0n];
  if (r < 1n || r >= order || s < 1n || s >= order) return false;
  const inverse = invert(s, order);
  const point = add(
    multiply(generator, modulo(integerOf(digest) * inverse, order)),
    multiply(key, modulo(r * inverse, order)),
  );
  return point !== undefined && modulo(point[0], order) === r;
};

/** OpenSSL has checked that it is on the curve. */
function readKey(pem: string): Point {
  const { crv, x = "", y = "" } = exportKey(pem);
  if (crv !== "P-256") throw new RangeError("publicKey: not on curve P-256");
  return [integerOf(Buffer.from(x, "base64url")), integerOf(Buffer.from(y, "base64url"))];
}

function exportKey(pem: string): { readonly crv?: string; readonly x?: string; readonly y?: string } {
  // What is a private key or a certificate to OpenSSL has a public key, too.
  if (!/^\s*-----BEGIN PUBLIC KEY-----/.test(pem)) throw new RangeError("publicKey: not a public key in PEM");
  try {
    return createPublicKey(pem).export({ format: "jwk" }) as object;
  } catch {
    throw new RangeError("publicKey: not a key that can be used");
  }
}

/** SEQUENCE of two INTEGERs in DER and nothing besides; undefined for anything else. */
function readSignature(bytes: Uint8Array): readonly [bigint, bigint] | undefined {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return undefined;
  const first = readInteger(bytes, 2);
  const second = first && readInteger(bytes, first.end);
  return second?.end === bytes.length && first ? [first.value, second.value] : undefined;
}

/** A positive INTEGER as short as it can be. */
function readInteger(bytes: Uint8Array, start: number): { readonly value: bigint; readonly end: number } | undefined {
  const [tag, length = 0, first = 0, second = 0] = bytes.subarray(start, start + 4);
  const end = start + 2 + length;
  if (tag !== 0x02 || length < 1 || end > bytes.length) return undefined;
  if (first >= 0x80 || (first === 0 && length > 1 && second < 0x80)) return undefined;
  return { value: integerOf(bytes.subarray(start + 2, end)), end };
}

function integerOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** By the extended Euclidean algorithm. */
function invert(value: bigint, modulus: bigint): bigint {
  let [rest, nextRest] = [modulo(value, modulus), modulus];
  let [factor, nextFactor] = [1n, 0n];
  while (nextRest !== 0n) {
    const quotient = rest / nextRest;
    [rest, nextRest] = [nextRest, rest - quotient * nextRest];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modulo(factor, modulus);
}

function add(one: Point, other: Point): Point {
  if (one === undefined) return other;
  if (other === undefined) return one;
  const [x1, y1] = one;
  const [x2, y2] = other;
  if (x1 === x2 && modulo(y1 + y2, prime) === 0n) return undefined;
  const slope = x1 === x2 ? (3n * x1 * x1 + coefficient) * invert(2n * y1, prime) : (y2 - y1) * invert(x2 - x1, prime);
  const x = modulo(slope * slope - x1 - x2, prime);
  return [x, modulo(slope * (x1 - x) - y1, prime)];
}

function multiply(point: Point, factor: bigint): Point {
  let sum: Point;
  let power = point;
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  return sum;
}
