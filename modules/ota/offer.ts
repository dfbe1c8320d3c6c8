// SPDX-License-Identifier: Apache-2.0

import type { OfferNames } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { crcEnd, crcStart, crcSteps } from "../core/crc32.js";
import type { Reason } from "../core/errors.js";
import type { Text } from "../core/ports.js";
import { digestLength, isDigestAlgorithm } from "./digest/algorithm.js";
import { maxNameBytes, type PackageIdentity } from "./package-identity.js";

/** A package that the server wants the device to run, and that fits it. */
export interface Offer extends PackageIdentity {
  readonly tag: string | undefined;
  /** Where the package is, when the server has it not itself. */
  readonly url: string | undefined;
  /** Of whoever made the package, as text. */
  readonly signature: string | undefined;
}

export interface OfferLimits {
  /** What packages for this device are called; undefined takes any. */
  readonly title: string | undefined;
  /** Bytes of the partition for it. */
  readonly slotSize: number;
}

/**
 * Either the offer, or why there is none. "package-withdrawn": the server offers nothing, or nothing any more. "package-incomplete":
 * attributes are missing. They may be on their way; where all of them were asked for, it is a refusal. The others are refusals.
 * "package-malformed": an attribute has the wrong type, is too long, or is no such checksum. `detail` is for people, and names the
 * attribute.
 */
export type OfferReading =
  | { readonly offer: Offer; readonly problem: undefined; readonly detail: string }
  | { readonly offer: undefined; readonly problem: Reason; readonly detail: string };

type Field = keyof OfferNames;

const required: readonly Field[] = Object.freeze(["title", "version", "size", "algorithm", "checksum"] as const);
const fields: readonly Field[] = Object.freeze([...required, "tag", "url", "signature"] as const);

/** ThingsBoard stores no more than 255 characters. */
const maxUrlBytes = 1_020;

const hexDigits = "0123456789abcdef";

/** Reads the offer out of the shared attributes, among which may be others; null is as good as absent. */
export function readOffer(
  attributes: ReadonlyMap<string, Json>,
  names: OfferNames,
  limits: OfferLimits,
  text: Text,
): OfferReading {
  const valueFor = (field: Field): Json | undefined => attributes.get(names[field]) ?? undefined;
  const missing = required.filter((field) => valueFor(field) === undefined);
  if (fields.every((field) => valueFor(field) === undefined)) return refuse("package-withdrawn", "");
  const malformed = fields.find((field) => !isWellFormed(field, valueFor(field), text));
  if (malformed !== undefined) return refuse("package-malformed", names[malformed]);
  if (missing.length > 0) return refuse("package-incomplete", missing.map((field) => names[field]).join(", "));
  const textOf = (field: Field): string => valueFor(field) as string;
  const size = valueFor("size") as number;
  const title = textOf("title");
  const algorithm = textOf("algorithm");
  const checksum = textOf("checksum").toLowerCase();
  if (limits.title !== undefined && title !== limits.title) return refuse("wrong-title", `${names.title}: ${title}`);
  if (!isDigestAlgorithm(algorithm)) return refuse("unknown-algorithm", `${names.algorithm}: ${algorithm}`);
  if (!isHex(checksum, 2 * digestLength(algorithm))) return refuse("package-malformed", names.checksum);
  if (size > limits.slotSize) return refuse("package-too-large", `${names.size}: ${size}, over ${limits.slotSize}`);
  const tag = valueFor("tag") as string | undefined;
  const url = valueFor("url") as string | undefined;
  const signature = valueFor("signature") as string | undefined;
  return {
    offer: { title, version: textOf("version"), size, checksum, algorithm, tag, url, signature },
    problem: undefined,
    detail: "",
  };
}

/**
 * Tells one offer from another, well or not well formed, so that none is tried again that failed: 32 bits of all its attributes.
 * 0 where nothing is offered.
 */
export function markOf(attributes: ReadonlyMap<string, Json>, names: OfferNames, text: Text): number {
  const values = fields.map((field) => attributes.get(names[field]) ?? undefined);
  if (values.every((value) => value === undefined)) return 0;
  const joined = values.map((value) => (value === undefined ? "" : `${typeof value} ${value}`)).join("\n");
  const bytes = new Uint8Array(text.byteLength(joined));
  text.encodeInto(joined, bytes, 0);
  return crcEnd(crcSteps(crcStart, bytes, 0, bytes.length));
}

/** Whether a package is the one that runs: "1.1" and "1.10" are two versions, and so are "1.1" and "1.1 ". */
export function isInstalled(offer: Offer, title: string, version: string): boolean {
  return offer.title === title && offer.version === version;
}

function refuse(problem: Reason, detail: string): OfferReading {
  return { offer: undefined, problem, detail };
}

/** A number where a text belongs is no version: it may have been "1.10". */
function isWellFormed(field: Field, value: Json | undefined, text: Text): boolean {
  if (value === undefined) return true;
  if (field === "size") return typeof value === "number" && Number.isInteger(value) && value > 0;
  if (typeof value !== "string" || value === "") return false;
  return text.byteLength(value) <= (field === "url" ? maxUrlBytes : maxNameBytes);
}

function isHex(digits: string, length: number): boolean {
  if (digits.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (!hexDigits.includes(digits.charAt(index))) return false;
  return true;
}
