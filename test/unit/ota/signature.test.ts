// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { DeviceError } from "../../../modules/core/errors.js";
import type { DigestAlgorithm, SignatureVerifier } from "../../../modules/core/ports.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import { ImageDigest } from "../../../modules/ota/image-digest.js";
import { checkPublicKey, readSignature } from "../../../modules/ota/signature.js";
import { SignedDigest } from "../../../modules/ota/signed-digest.js";
import { goodSignatures, publicKeyP256 } from "../../contract/host/signature-vectors.js";
import { imageOf, Room } from "./image-room.js";

function refusal(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (error instanceof DeviceError) return `${error.reason}, ${error.message}`;
    throw error;
  }
  return "none";
}

describe("readSignature", () => {
  test("takes what openssl prints, 70 to 72 bytes", () => {
    expect(goodSignatures.map((text) => readSignature(text)?.length)).toEqual([70, 71, 72]);
    expect(readSignature(goodSignatures[0])?.subarray(0, 4)).toEqual(Uint8Array.of(0x30, 68, 2, 32));
  });

  test("takes the shortest there can be", () => {
    expect(readSignature("MAYCAQECAQE=")).toEqual(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1));
  });

  test("knows of none where there is none", () => {
    expect(readSignature(undefined)).toBeUndefined();
    expect(readSignature(null)).toBeUndefined();
  });

  const [good = ""] = goodSignatures;

  test.each<[Json, string]>([
    ["", "0 bytes, not 8 to 72"],
    [7, "not a string"],
    [true, "not a string"],
    [[good], "not a string"],
    ["MAYCAQECAQ==", "7 bytes, not 8 to 72"],
    [good.slice(0, -4), "not DER"],
    [`${good.slice(0, -2)}`, "94 characters, not a multiple of 4"],
    [`${good}\n`, "97 characters, over 72 bytes"],
    [`${good.slice(0, 64)}\n${good.slice(64, -1)}`, "character 10 at 64 is no digit"],
    ["MEQCIBA_", "character 95 at 7 is no digit"],
    ["A".repeat(96), "not DER"],
    ["MQYCAQECAQE=", "not DER"],
    ["MIGFAkEAAAAA", "not DER"],
    [`MEc${"A".repeat(93)}AAAA`, "100 characters, over 72 bytes"],
  ])("refuses %j", (value, detail) => {
    expect(refusal(() => readSignature(value))).toBe(`package-malformed, signature: ${detail}`);
  });
});

describe("checkPublicKey", () => {
  test("asks the host, with a digest and a signature that are well-formed", () => {
    const calls: unknown[] = [];
    const verify: SignatureVerifier = (...args) => {
      calls.push(args);
      return false;
    };
    checkPublicKey(verify, publicKeyP256);
    expect(calls).toEqual([[publicKeyP256, new Uint8Array(32), Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1)]]);
  });

  test("lets the host's refusal through", () => {
    const refused = new RangeError("publicKey: not a public key on P-256");
    const verify: SignatureVerifier = () => {
      throw refused;
    };
    expect(() => checkPublicKey(verify, "nonsense")).toThrow(refused);
  });

  test("refuses any key where the host cannot check signatures", () => {
    expect(() => checkPublicKey(undefined, publicKeyP256)).toThrow(RangeError);
  });
});

describe("SignedDigest", () => {
  const room = { blocks: 12, blockLength: 256, size: 10 * 256 - 5, chunkLength: 64 };
  const signature = readSignature(goodSignatures[0]) as Uint8Array;
  const image = imageOf("1.1", room.size);

  function hexOf(algorithm: DigestAlgorithm, bytes = image): string {
    const digest = createDigest(algorithm);
    digest.update(bytes, 0, bytes.length);
    return digest.finish();
  }

  function signed(algorithm: DigestAlgorithm, verify: SignatureVerifier): SignedDigest {
    return new SignedDigest({ algorithm, native: undefined, verify, publicKey: publicKeyP256, signature });
  }

  /** One who signed what has this digest. */
  const signerOf =
    (hex: string): SignatureVerifier =>
    (publicKey, digest, der) =>
      publicKey === publicKeyP256 &&
      der === signature &&
      [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === hex;

  test.each<DigestAlgorithm>(["SHA256", "MD5", "SHA512", "CRC32", "MURMUR3_128"])(
    "gives a checksum by %s and tells of the signature, from one pass over the flash",
    (algorithm) => {
      const { flash } = filled();
      const digest = signed(algorithm, signerOf(hexOf("SHA256")));
      const reads = flash.reads;
      expect(readBack(new ImageDigest(flash, room.size, digest))).toBe(hexOf(algorithm));
      expect(flash.reads - reads).toBe(10);
      expect(digest.isGenuine()).toBe(true);
    },
  );

  test("tells a signature of something else", () => {
    for (const algorithm of ["SHA256", "CRC32"] as const) {
      const digest = signed(algorithm, signerOf(hexOf("SHA256", imageOf("1.2", room.size))));
      digest.update(image, 0, image.length);
      expect(digest.finish()).toBe(hexOf(algorithm));
      expect(digest.isGenuine()).toBe(false);
    }
  });

  test("computes no second digest where the checksum is of the same algorithm, and uses the host's", () => {
    const opened: string[] = [];
    const native = (algorithm: DigestAlgorithm) => {
      opened.push(algorithm);
      return createDigest(algorithm);
    };
    const options = { native, verify: signerOf(hexOf("SHA256")), publicKey: publicKeyP256, signature };
    for (const algorithm of ["SHA256", "MD5"] as const) {
      const digest = new SignedDigest({ ...options, algorithm });
      digest.update(image, 0, 100);
      digest.update(image, 100, image.length);
      digest.finish();
      expect(digest.isGenuine()).toBe(true);
    }
    expect(opened).toEqual(["SHA256", "MD5", "SHA256"]);
  });

  test("says so where it cannot be told now, and may be asked again", () => {
    const failures = [new RangeError("bad key"), new DeviceError("signature-unchecked", "no memory")];
    const digest = signed("CRC32", (...args) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return signerOf(hexOf("SHA256"))(...args);
    });
    digest.update(image, 0, image.length);
    digest.finish();
    expect(refusal(() => digest.isGenuine())).toBe("signature-unchecked, bad key");
    expect(refusal(() => digest.isGenuine())).toBe("signature-unchecked, no memory");
    expect(digest.isGenuine()).toBe(true);
  });

  function filled(): Room {
    const made = new Room(room);
    made.download(made.open());
    return made;
  }

  function readBack(reader: ImageDigest): string {
    let digest = reader.step();
    while (digest === undefined) digest = reader.step();
    return digest;
  }
});
