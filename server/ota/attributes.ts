import type { Entry } from "../json/value.js";
import type { OtaPackage, OtaPackageType } from "../store/ota-packages.js";

export const keyPrefixes = { FIRMWARE: "fw", SOFTWARE: "sw" } as const;

/** All that ThingsBoard deletes when a package is withdrawn; two of them it never sets. */
const allNames = ["title", "version", "ts", "state", "size", "checksum", "checksum_algorithm", "url", "tag"] as const;

/** How a device is told of a package, by its shared attributes. */
export interface PackageAttributes {
  readonly entries: readonly Entry[];
  /** Those that the package does not have, and the one before it may have had. */
  readonly deleted: readonly string[];
}

export function packageAttributes(otaPackage: OtaPackage): PackageAttributes {
  const { title, version, tag, url, dataSize, checksum, checksumAlgorithm } = otaPackage;
  const prefix = keyPrefixes[otaPackage.type];
  const values: readonly (readonly [name: string, value: string | number | null])[] = [
    ["title", title],
    ["version", version],
    ["tag", tag],
    ["url", url],
    ["size", dataSize],
    ["checksum_algorithm", checksumAlgorithm],
    ["checksum", checksum],
  ];
  const isPresent = (value: string | number | null): value is string | number => value !== null && value !== "";
  return {
    entries: values.flatMap(([name, value]) => (isPresent(value) ? [entryOf(`${prefix}_${name}`, value)] : [])),
    deleted: values.flatMap(([name, value]) => (isPresent(value) ? [] : [`${prefix}_${name}`])),
  };
}

export function allAttributeKeys(type: OtaPackageType): string[] {
  return allNames.map((name) => `${keyPrefixes[type]}_${name}`);
}

/** Not like a value of a caller: a version that looks like a number stays a string. */
export function entryOf(key: string, value: string | number): Entry {
  return [key, { type: typeof value === "number" ? "LONG" : "STRING", text: String(value) }];
}
