// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { ThingsBoardOta } from "../../../modules/cloud/thingsboard-ota.js";
import { digestAlgorithms, digestLength } from "../../../modules/ota/digest/algorithm.js";
import { isInstalled, type Offer, type OfferReading, readOffer } from "../../../modules/ota/offer.js";
import { text } from "../../fakes/text.js";

const { names } = new ThingsBoardOta(text, "fw");
const limits = { title: "thermostat", slotSize: 1_703_936 };

const complete: readonly (readonly [string, Json])[] = [
  ["fw_title", "thermostat"],
  ["fw_version", "1.10"],
  ["fw_size", 9],
  ["fw_checksum_algorithm", "CRC32"],
  ["fw_checksum", "2639f4cb"],
];

/** The complete offer, but for these; undefined leaves an attribute out. */
function read(changes: { readonly [name: string]: Json | undefined } = {}): OfferReading {
  const attributes = new Map<string, Json>(complete);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) attributes.delete(name);
    else attributes.set(name, value);
  return readOffer(attributes, names, limits, text);
}

const offer: Offer = {
  title: "thermostat",
  version: "1.10",
  size: 9,
  checksum: "2639f4cb",
  algorithm: "CRC32",
  tag: undefined,
  url: undefined,
  signature: undefined,
};

describe("readOffer", () => {
  test("reads a package, with its tag and its place where they are told", () => {
    expect(read()).toEqual({ offer, problem: undefined, detail: "" });
    expect(read({ fw_tag: "thermostat 1.10", fw_url: "https://example.com/1.10" }).offer).toEqual({
      ...offer,
      tag: "thermostat 1.10",
      url: "https://example.com/1.10",
    });
  });

  test("does not look at other attributes, nor at those of the other kind of package", () => {
    expect(read({ period: 1_000, sw_title: 7, fw_state: "QUEUED", fw_ts: 1 }).offer).toEqual(offer);
    const software = new Map<string, Json>(complete.map(([name, value]) => [name.replace("fw", "sw"), value]));
    expect(readOffer(software, names, limits, text).problem).toBe("package-withdrawn");
    expect(readOffer(software, new ThingsBoardOta(text, "sw").names, limits, text).offer).toEqual(offer);
  });

  test.each(digestAlgorithms)("takes a checksum by %s, in small letters or in capitals", (algorithm) => {
    const checksum = "0aF9".repeat(digestLength(algorithm) / 2);
    expect(read({ fw_checksum_algorithm: algorithm, fw_checksum: checksum }).offer?.checksum).toBe(
      checksum.toLowerCase(),
    );
  });

  test("tells that nothing is offered", () => {
    expect(readOffer(new Map(), names, limits, text)).toEqual({
      offer: undefined,
      problem: "package-withdrawn",
      detail: "",
    });
    const withdrawn = new Map<string, Json>(complete.map(([name]) => [name, null]));
    expect(readOffer(withdrawn, names, limits, text).problem).toBe("package-withdrawn");
  });

  test.each(complete)("tells that %s is missing", (name) => {
    for (const absent of [undefined, null])
      expect(read({ [name]: absent })).toEqual({ offer: undefined, problem: "package-incomplete", detail: name });
  });

  test("tells everything that is missing, of a package that is elsewhere too", () => {
    const attributes = new Map<string, Json>([["fw_url", "https://example.com"]]);
    expect(readOffer(attributes, names, limits, text)).toEqual({
      offer: undefined,
      problem: "package-incomplete",
      detail: "fw_title, fw_version, fw_size, fw_checksum_algorithm, fw_checksum",
    });
  });

  test.each<readonly [string, Json]>([
    ["fw_title", 5],
    ["fw_title", ""],
    ["fw_title", "ü".repeat(128)],
    ["fw_version", 1.1],
    ["fw_version", true],
    ["fw_version", "x".repeat(256)],
    ["fw_tag", 1],
    ["fw_size", "9"],
    ["fw_size", 0],
    ["fw_size", -9],
    ["fw_size", 9.5],
    ["fw_size", Number.POSITIVE_INFINITY],
    ["fw_checksum_algorithm", 32],
    ["fw_checksum", 12_345_678],
    ["fw_checksum", ""],
    ["fw_checksum", "2639f4c"],
    ["fw_checksum", "2639f4cb00"],
    ["fw_checksum", "2639f4cx"],
    ["fw_checksum", " 2639f4c"],
    ["fw_url", new Map()],
    ["fw_url", "x".repeat(1_021)],
  ])("refuses %s of %j", (name, value) => {
    expect(read({ [name]: value })).toEqual({ offer: undefined, problem: "package-malformed", detail: name });
  });

  test("refuses what is for another device, by any title but its own", () => {
    expect(read({ fw_title: "Thermostat" })).toMatchObject({ problem: "wrong-title", detail: "fw_title: Thermostat" });
    const attributes = new Map<string, Json>([...complete, ["fw_title", "any"]]);
    expect(readOffer(attributes, names, { ...limits, title: undefined }, text).offer?.title).toBe("any");
  });

  test("refuses algorithms that there are not", () => {
    for (const algorithm of ["SHA1", "md5", "SHA-256", "constructor"])
      expect(read({ fw_checksum_algorithm: algorithm })).toMatchObject({
        problem: "unknown-algorithm",
        detail: `fw_checksum_algorithm: ${algorithm}`,
      });
  });

  test("refuses what is larger than the slot, and nothing that fits", () => {
    expect(read({ fw_size: limits.slotSize }).offer?.size).toBe(limits.slotSize);
    expect(read({ fw_size: limits.slotSize + 1 })).toMatchObject({
      problem: "package-too-large",
      detail: "fw_size: 1703937, over 1703936",
    });
  });
});

describe("isInstalled", () => {
  test("compares titles and versions as they are", () => {
    expect(isInstalled(offer, "thermostat", "1.10")).toBe(true);
    for (const version of ["1.1", "1.100", "01.10", "1.10 ", "v1.10", ""])
      expect(isInstalled(offer, "thermostat", version)).toBe(false);
    expect(isInstalled(offer, "Thermostat", "1.10")).toBe(false);
  });
});
