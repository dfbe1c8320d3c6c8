import { RegistryError } from "../core/registry-error.js";
import type { OtaPackage } from "../store/ota-packages.js";
import type { Store } from "../store/store.js";

/** A package before it is stored. */
export type PackageDraft = Omit<OtaPackage, "id" | "createdTime" | "hasFile">;

const maxLength = 255;
const maxChecksumLength = 1020;

/** What cannot be changed, in the order in which ThingsBoard looks, and by the names that it gives it. */
const fixed = [
  ["type", "type"],
  ["title", "otaPackage title"],
  ["version", "otaPackage version"],
  ["tag", "otaPackage tag"],
  ["deviceProfileId", "otaPackage deviceProfile"],
] as const;

/** What can be added but not changed. Faithful: some have the name of another. */
const fixedOncePresent = [
  ["fileName", "otaPackage file name"],
  ["contentType", "otaPackage content type"],
  ["checksumAlgorithm", "otaPackage content type"],
  ["checksum", "otaPackage content type"],
  ["dataSize", "otaPackage data size"],
  ["url", "otaPackage URL"],
] as const;

/** @throws {RegistryError} a member is missing, too long, or names a profile that does not exist */
export function checkDraft(draft: PackageDraft, { profiles }: Store): void {
  const { title, version, tag, url, fileName, contentType, checksum, deviceProfileId } = draft;
  checkLength("title", title, maxLength);
  checkLength("version", version, maxLength);
  checkLength("tag", tag, maxLength);
  checkLength("url", url, maxLength);
  checkLength("file name", fileName, maxLength);
  checkLength("contentType", contentType, maxLength);
  checkLength("checksum", checksum, maxChecksumLength);
  if (title === "") throw new RegistryError("OtaPackage title should be specified!");
  if (deviceProfileId !== null && !profiles.get(deviceProfileId)) {
    throw new RegistryError("OtaPackage is referencing to non-existent device profile!");
  }
  if (version === "") throw new RegistryError("OtaPackage version should be specified!");
}

/** @throws {RegistryError} something changes that must not */
export function checkChange(draft: PackageDraft, before: OtaPackage): void {
  for (const [member, name] of fixed) {
    if (draft[member] !== before[member]) throw new RegistryError(`Updating ${name} is prohibited!`);
  }
  for (const [member, name] of fixedOncePresent) {
    const isPresent = before[member] !== null;
    if (isPresent && draft[member] !== before[member]) throw new RegistryError(`Updating ${name} is prohibited!`);
  }
}

function checkLength(name: string, text: string | null, max: number): void {
  if (text !== null && text.length > max) {
    throw new RegistryError(`Validation error: ${name} length must be equal or less than ${max}`);
  }
}
