// SPDX-License-Identifier: Apache-2.0

import type { Asset } from "./asset.js";
import { parseJson } from "./values.js";

/** What somebody wants written. */
export interface WriteLine {
  readonly assetId: string;
  readonly attribute: string;
  readonly value: unknown;
}

export const writeForm = "write ATTRIBUTE JSON, or write ASSET/ATTRIBUTE JSON";

/**
 * Reads a line such as `write period 500`, of one asset where it names none.
 * @returns what is wrong with it, if it is a text
 */
export function readWriteLine(line: string, assets: readonly Asset[], ownAsset: string): WriteLine | string {
  const [, where, json] = /^write\s+(\S+)\s+(.+)$/.exec(line.trim()) ?? [];
  if (where === undefined || json === undefined) return `not of the form ${writeForm}`;
  const [attribute = "", name = ownAsset] = where.split("/").reverse();
  const asset = assets.find((one) => one.name === name || one.id === name);
  if (asset === undefined) return `no asset ${name}`;
  if (!asset.attributes.has(attribute)) return `no attribute ${attribute} of ${name}`;
  const value = parseJson(json);
  return value === undefined ? `${json} is not JSON` : { assetId: asset.id, attribute, value };
}
