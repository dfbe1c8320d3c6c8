// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import type { Text } from "../core/ports.js";
import { digestLength, isDigestAlgorithm } from "./digest/algorithm.js";
import { maxNameBytes, type PackageIdentity } from "./package-identity.js";

/** What the server calls the attributes by which it offers a package. */
export interface OfferNames {
  readonly title: string;
  readonly version: string;
  readonly tag: string;
  readonly size: string;
  readonly checksum: string;
  readonly algorithm: string;
  readonly url: string;
}

/** A package that the server wants the device to run, and that fits it. */
export interface Offer extends PackageIdentity {
  readonly tag: string | undefined;
  /** Where the package is, when the server has it not itself. */
  readonly url: string | undefined;
}

export interface OfferLimits {
  /** What packages for this device are called; undefined takes any. */
  readonly title: string | undefined;
  /** Bytes of the partition for it. */
  readonly slotSize: number;
}

/**
 * Why there is no package to be fetched.
 * "none": the server offers nothing, or nothing any more.
 * "incomplete": attributes are missing. They may be on their way; where all of them were asked for, it is a refusal.
 * The others are refusals. "malformed": an attribute has the wrong type, is too long, or is no such checksum.
 */
export type OfferProblem = "none" | "incomplete" | "malformed" | "wrong-title" | "unknown-algorithm" | "too-large";

/** `detail` is for people, and names the attribute. */
export type OfferReading =
  | { readonly offer: Offer; readonly problem: undefined; readonly detail: string }
  | { readonly offer: undefined; readonly problem: OfferProblem; readonly detail: string };

type Field = keyof OfferNames;

const required: readonly Field[] = Object.freeze(["title", "version", "size", "algorithm", "checksum"] as const);
const fields: readonly Field[] = Object.freeze([...required, "tag", "url"] as const);

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
  if (fields.every((field) => valueFor(field) === undefined)) return refuse("none", "");
  const malformed = fields.find((field) => !isWellFormed(field, valueFor(field), text));
  if (malformed !== undefined) return refuse("malformed", names[malformed]);
  if (missing.length > 0) return refuse("incomplete", missing.map((field) => names[field]).join(", "));
  const textOf = (field: Field): string => valueFor(field) as string;
  const size = valueFor("size") as number;
  const title = textOf("title");
  const algorithm = textOf("algorithm");
  const checksum = textOf("checksum").toLowerCase();
  if (limits.title !== undefined && title !== limits.title) return refuse("wrong-title", `${names.title}: ${title}`);
  if (!isDigestAlgorithm(algorithm)) return refuse("unknown-algorithm", `${names.algorithm}: ${algorithm}`);
  if (!isHex(checksum, 2 * digestLength(algorithm))) return refuse("malformed", names.checksum);
  if (size > limits.slotSize) return refuse("too-large", `${names.size}: ${size}, over ${limits.slotSize}`);
  const tag = valueFor("tag") as string | undefined;
  const url = valueFor("url") as string | undefined;
  return {
    offer: { title, version: textOf("version"), size, checksum, algorithm, tag, url },
    problem: undefined,
    detail: "",
  };
}

/** Whether a package is the one that runs: "1.1" and "1.10" are two versions, and so are "1.1" and "1.1 ". */
export function isInstalled(offer: Offer, title: string, version: string): boolean {
  return offer.title === title && offer.version === version;
}

function refuse(problem: OfferProblem, detail: string): OfferReading {
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
