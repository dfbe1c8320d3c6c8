// SPDX-License-Identifier: Apache-2.0

import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { verifySignature } from "../../../hosts/node/signature.js";

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** RFC 6979, A.2.5. */
const known = {
  x: "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
  y: "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
  r: 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
  s: 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
};

function pemOf(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }) as string;
}

function knownKey(): string {
  const head = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
  const base64 = Buffer.from(head + known.x + known.y, "hex").toString("base64");
  return `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
}

function sha256(message: Uint8Array | string): Uint8Array {
  return createHash("sha256").update(message).digest();
}

/** The bytes of a DER INTEGER, with as many zeros before it as it needs. */
function integer(value: bigint, zeros = 0): number[] {
  const digits = value.toString(16);
  const bytes = [...Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex")];
  const content = [...new Array<number>((bytes[0] ?? 0) >= 0x80 ? zeros + 1 : zeros).fill(0), ...bytes];
  return [2, content.length, ...content];
}

function der(...integers: readonly number[][]): Uint8Array {
  const content = integers.flat();
  return Uint8Array.of(0x30, content.length, ...content);
}

describe("ECDSA signatures", () => {
  const { r, s } = known;
  const digest = sha256("sample");

  test("the published one is right, and so is its mirror image", () => {
    expect(verifySignature(knownKey(), digest, der(integer(r), integer(s)))).toBe(true);
    expect(verifySignature(knownKey(), digest, der(integer(r), integer(order - s)))).toBe(true);
  });

  test("those of OpenSSL are right for their message and key, and for no other", () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (let round = 0; round < 20; round++) {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const message = Buffer.from(`message ${round}`);
      const signature = sign("sha256", message, privateKey);
      expect(verifySignature(pemOf(publicKey), sha256(message), signature)).toBe(true);
      expect(verifySignature(pemOf(publicKey), sha256("other"), signature)).toBe(false);
      expect(verifySignature(pemOf(other.publicKey), sha256(message), signature)).toBe(false);
    }
  });

  test("no byte of one can be changed, left out or added", () => {
    const signature = der(integer(r), integer(s));
    for (let index = 0; index < signature.length; index++) {
      const changed = signature.slice();
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(verifySignature(knownKey(), digest, changed)).toBe(false);
      expect(verifySignature(knownKey(), digest, signature.subarray(0, index))).toBe(false);
    }
    expect(verifySignature(knownKey(), digest, Uint8Array.of(...signature, 0))).toBe(false);
  });

  test.each([
    ["zeros", der(integer(0n), integer(0n))],
    ["r of 0", der(integer(0n), integer(s))],
    ["s of 0", der(integer(r), integer(0n))],
    ["r that is the order too large", der(integer(r + order), integer(s))],
    ["s that is the order too large", der(integer(r), integer(s + order))],
    ["r of the order", der(integer(order), integer(s))],
    ["a zero too many", der(integer(r, 1), integer(s))],
    ["a negative r", der([2, 32, ...integer(r).slice(3)], integer(s))],
    ["one integer", der(integer(r))],
    ["three integers", der(integer(r), integer(s), integer(1n))],
    ["no length", Uint8Array.of(0x30)],
    ["an integer without bytes", Uint8Array.of(0x30, 4, 2, 0, 2, 0)],
    ["nothing", new Uint8Array()],
  ])("%s is wrong", (_name, signature) => {
    expect(verifySignature(knownKey(), digest, signature)).toBe(false);
  });

  test("a key that is none on P-256 is a RangeError", () => {
    const signature = der(integer(r), integer(s));
    const keys = [
      "",
      "text",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
      pemOf(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey),
      pemOf(generateKeyPairSync("ed25519").publicKey),
      pemOf(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey),
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    ];
    for (const key of keys) expect(() => verifySignature(key, digest, signature)).toThrow(RangeError);
  });

  test("a digest of another length is a RangeError", () => {
    for (const length of [0, 20, 31, 33, 64])
      expect(() => verifySignature(knownKey(), new Uint8Array(length), der(integer(r), integer(s)))).toThrow(
        RangeError,
      );
  });
});
