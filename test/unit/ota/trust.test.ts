// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { DigestAlgorithm, SignatureVerifier } from "../../../modules/core/ports.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import type { Offer } from "../../../modules/ota/offer.js";
import { checkPublicKey } from "../../../modules/ota/signature.js";
import { Trust } from "../../../modules/ota/trust.js";

/** A sequence of the integers 1 and 2, and of 1 and 1. */
const good = "MAYCAQECAQI=";
const bad = "MAYCAQECAQE=";

const malformed: readonly string[] = [
  ...["nonsense", "====", "MAYCAQECAQE", "MAYCAQECAQ==", "MQYCAQECAQE=", "MAUCAQECAQE=", "é", "A".repeat(255)],
  "MAYCAQECAQE=MAYCAQECAQE=",
];

const bytes = Uint8Array.of(1, 2, 3);

function offer(signature: string | undefined, algorithm: DigestAlgorithm = "CRC32"): Offer {
  return { title: "t", version: "1", size: 3, checksum: "", algorithm, tag: undefined, url: undefined, signature };
}

function digestBy(algorithm: DigestAlgorithm): string {
  const digest = createDigest(algorithm);
  digest.update(bytes, 0, 3);
  return digest.finish();
}

/** Takes the good one for a signature of the bytes. */
const verify: SignatureVerifier = (publicKey, digest, signature) => {
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return publicKey === "key" && hex === digestBy("SHA256") && signature[7] === 2;
};

function trustIn(publicKey: string | undefined, by: SignatureVerifier = verify): Trust {
  return new Trust({ native: undefined, publicKey, verify: by });
}

function finish(trust: Trust, of: Offer): string {
  const digest = trust.open(of);
  digest.update(bytes, 0, 3);
  return digest.finish();
}

describe("Trust of a firmware with a key", () => {
  test.each<DigestAlgorithm>(["CRC32", "SHA256", "SHA512"])(
    "is in who signed, beside the checksum by %s",
    (algorithm) => {
      const trust = trustIn("key");
      trust.checkOffer(offer(good, algorithm));
      expect(finish(trust, offer(good, algorithm))).toBe(digestBy(algorithm));
      expect(trust.isGenuine()).toBe(true);
      expect(finish(trust, offer(bad, algorithm))).toBe(digestBy(algorithm));
      expect(trust.isGenuine()).toBe(false);
    },
  );

  test("is not in what has no signature", () => {
    expect(() => trustIn("key").checkOffer(offer(undefined))).toThrow("signature-missing");
  });

  test.each(malformed)("is not in %j", (signature) => {
    expect(() => trustIn("key").checkOffer(offer(signature))).toThrow("signature");
  });

  test("is not there before anything was read, nor by a signature of the package before", () => {
    const trust = trustIn("key");
    expect(trust.isGenuine()).toBe(false);
    finish(trust, offer(good));
    finish(trust, offer(undefined));
    expect(trust.isGenuine()).toBe(false);
  });

  test("cannot be told while the platform has no memory, and can afterwards", () => {
    let isShort = true;
    const trust = trustIn("key", (...parts) => {
      if (isShort) throw new RangeError("publicKey: none");
      return verify(...parts);
    });
    finish(trust, offer(good));
    expect(() => trust.isGenuine()).toThrow("publicKey: none");
    isShort = false;
    expect(trust.isGenuine()).toBe(true);
  });
});

describe("Trust of a firmware without a key", () => {
  test.each([undefined, good, bad, ...malformed])("is in everybody, with the signature %j", (signature) => {
    const trust = trustIn(undefined);
    trust.checkOffer(offer(signature));
    expect(finish(trust, offer(signature))).toBe(digestBy("CRC32"));
    expect(trust.isGenuine()).toBe(true);
  });
});

describe("checkPublicKey", () => {
  test("asks the host, and refuses every key where that can check none", () => {
    const asked: string[] = [];
    checkPublicKey((publicKey, digest, signature) => {
      asked.push(`${publicKey} ${digest.length} ${signature.length}`);
      return false;
    }, "key");
    expect(asked).toEqual(["key 32 8"]);
    expect(() => checkPublicKey(undefined, "key")).toThrow(RangeError);
  });
});
