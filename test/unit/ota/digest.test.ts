// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Digest, DigestAlgorithm } from "../../../modules/core/ports.js";
import { digestAlgorithms, digestLength, isDigestAlgorithm } from "../../../modules/ota/digest/algorithm.js";
import { createDigest, openDigest } from "../../../modules/ota/digest/create.js";
import { Murmur3x32 } from "../../../modules/ota/digest/murmur3-32.js";
import { Murmur3x128 } from "../../../modules/ota/digest/murmur3-128.js";
import { PaddedDigest } from "../../../modules/ota/digest/padded-digest.js";
import { digestCases } from "../../contract/host/digest-cases.js";

const encoder = new TextEncoder();

function digestOf(digest: Digest, bytes: Uint8Array): string {
  digest.update(bytes, 0, bytes.length);
  return digest.finish();
}

function bytesOfHex(hex: string): number[] {
  return Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

/** Nothing but the length of the message. */
class Ending extends PaddedDigest {
  #length = "";

  constructor() {
    super(64, 8);
  }

  protected override takeBlocks(): void {}

  protected override putBitLength(_bytes: Uint8Array, _offset: number, high: number, low: number): void {
    this.#length = `${high} ${low}`;
  }

  protected override hex(): string {
    return this.#length;
  }
}

/** The check that comes with SMHasher: the digest of the digests of 0 to 255 bytes, each with a seed of its own. */
function smHasherCode(create: (seed: number) => Digest): string {
  const digests: number[] = [];
  for (let length = 0; length < 256; length += 1) {
    const key = Uint8Array.from({ length }, (_, index) => index);
    digests.push(...bytesOfHex(digestOf(create(256 - length), key)));
  }
  return digestOf(create(0), Uint8Array.from(digests)).slice(0, 8);
}

describe("digests in TypeScript", () => {
  test.each(digestCases)("$name", (digestCase) => {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    digestCase.run({ digest: createDigest }, done, {} as never);
    expect(isDone).toBe(true);
  });

  test.each<readonly [DigestAlgorithm, string]>([
    ["MD5", "7707d6ae4e027c70eea2a935c2296f21"],
    ["SHA256", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
    ["SHA384", "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985"],
    [
      "SHA512",
      "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
    ],
  ])("%s of a million times the letter a is the published one", (algorithm, expected) => {
    const piece = new Uint8Array(1_000).fill(97);
    const digest = createDigest(algorithm);
    for (let count = 0; count < 1_000; count += 1) digest.update(piece, 0, piece.length);
    expect(digest.finish()).toBe(expected);
  });

  test("MURMUR3 passes the check of SMHasher", () => {
    // Published as the numbers 0xb0f57ee3 and 0x6384ba69.
    expect(smHasherCode((seed) => new Murmur3x32(seed))).toBe("e37ef5b0");
    expect(smHasherCode((seed) => new Murmur3x128(seed))).toBe("69ba8463");
  });

  // From node:crypto; they tell apart all ways in which a message can end.
  test.each<readonly [DigestAlgorithm, string]>([
    ["MD5", "f1f1e47fbdd9eacdce318052b0d5c276"],
    ["SHA256", "5cc79c5842f065347d51a4e0919bc9ac416963ef3eea5270d8e36cc4ba648d86"],
    ["SHA384", "36c914dddc08418934fee535072350a9c32bc45255f0e616922f3f174d79aa55c560629ca2254fbae17eb653e20346c7"],
    [
      "SHA512",
      "2d98b78b3b5c16940a12c92b399b69a15631a9fbf1a8cc7c98ef814e84edb6ac7d927e0f91c827d91432ed23c45987f5805d430acc5fd12d9ca2f38cdb0032e7",
    ],
  ])("%s is right for every length up to 300 bytes", (algorithm, expected) => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 89) ^ (index >> 2));
    const all = createDigest(algorithm);
    for (let length = 0; length <= bytes.length; length += 1) {
      const digest = encoder.encode(digestOf(createDigest(algorithm), bytes.subarray(0, length)));
      all.update(digest, 0, digest.length);
    }
    expect(all.finish()).toBe(expected);
  });

  test("the length in bits is right where it does not fit a word", () => {
    const digest = new Ending();
    const piece = new Uint8Array(1 << 20);
    for (let count = 0; count < 3 << 10; count += 1) digest.update(piece, 0, piece.length);
    digest.update(piece, 0, 7);
    // 3 * 2^30 + 7 bytes.
    expect(digest.finish()).toBe("6 56");
  });

  test("every algorithm has a digest of its length", () => {
    for (const algorithm of digestAlgorithms) {
      expect(isDigestAlgorithm(algorithm)).toBe(true);
      expect(createDigest(algorithm).finish()).toHaveLength(2 * digestLength(algorithm));
    }
    for (const name of ["md5", "SHA1", "SHA-256", "", "constructor", undefined, 1, ["MD5"]])
      expect(isDigestAlgorithm(name)).toBe(false);
  });

  test("the host's own digest is taken where it has one", () => {
    const own: Digest = { update() {}, finish: () => "own" };
    const native = (algorithm: DigestAlgorithm): Digest | undefined => (algorithm === "SHA256" ? own : undefined);
    expect(openDigest("SHA256", native)).toBe(own);
    expect(openDigest("CRC32", native).finish()).toBe("00000000");
    expect(openDigest("SHA256", undefined).finish()).toMatch("e3b0c442");
  });
});
