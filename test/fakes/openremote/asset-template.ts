// SPDX-License-Identifier: Apache-2.0

import type { Attribute } from "./asset.js";
import type { AssetType, AssetTypes } from "./asset-types.js";
import { coerce, isRecord, parseJson } from "./values.js";

/** An asset as a client describes it. */
export interface AssetTemplate {
  readonly id: string | undefined;
  readonly realm: string | undefined;
  readonly type: string;
  readonly name: string | undefined;
  readonly parentId: string | undefined;
  readonly accessPublicRead: boolean;
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** As the validation of the manager words them; empty if the asset can be stored. */
  readonly defects: readonly string[];
}

/** @returns undefined: not JSON, or not an asset */
export function parseTemplate(text: string, types: AssetTypes, now: number): AssetTemplate | undefined {
  return templateOf(parseJson(text), types, now);
}

/** @returns undefined: not an asset */
export function templateOf(json: unknown, types: AssetTypes, now: number): AssetTemplate | undefined {
  if (!isRecord(json)) return undefined;
  const { type, attributes = {} } = json;
  if (typeof type !== "string" || type === "" || !isRecord(attributes)) return undefined;
  const descriptors = types.descriptorsOf(type);
  const defects: string[] = [];
  const map = new Map<string, Attribute>();
  for (const [name, given] of Object.entries(attributes)) {
    if (!isRecord(given)) return undefined;
    const attribute = attributeOf(name, given, descriptors[name]?.type, now);
    if (typeof attribute === "string") defects.push(`attributes.${name}: ${attribute}`);
    else map.set(name, attribute);
  }
  const name = textOf(json.name);
  if (!name) defects.unshift("name: must not be blank");
  defects.push(...missingAttributes(descriptors, attributes));
  return {
    id: textOf(json.id),
    realm: textOf(json.realm),
    type,
    name,
    parentId: textOf(json.parentId),
    accessPublicRead: json.accessPublicRead === true,
    attributes: map,
    defects: defects.length > 0 ? [...defects, ": Asset is not valid"] : [],
  };
}

/** @returns what is wrong with it, if it is a text */
function attributeOf(
  name: string,
  given: Readonly<Record<string, unknown>>,
  knownType: string | undefined,
  now: number,
): Attribute | string {
  const type = knownType ?? textOf(given.type) ?? typeOf(given.value);
  const meta = isRecord(given.meta) ? given.meta : {};
  const timestamp = typeof given.timestamp === "number" && given.timestamp > 0 ? given.timestamp : now;
  const coercion = coerce({ type, meta }, given.value);
  return "defect" in coercion ? coercion.defect : { name, type, meta, value: coercion.value, timestamp };
}

function missingAttributes(descriptors: AssetType, attributes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(descriptors)
    .filter(([name, { isOptional }]) => !isOptional && !(name in attributes))
    .map(([name]) => `attributes.${name}: required attribute is missing`);
}

function typeOf(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return typeof value;
  return typeof value === "string" ? "text" : "JSON";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
