import { randomUUID } from "node:crypto";
import { RegistryError } from "../core/registry-error.js";
import type { DeviceProfile } from "../store/device-profiles.js";
import type { OtaPackage } from "../store/ota-packages.js";
import { packageIdOf } from "../store/ota-packages.js";
import type { Store } from "../store/store.js";
import { type ChecksumAlgorithm, checksumOf } from "./checksum.js";
import type { PackageCache } from "./package-cache.js";
import { checkChange, checkDraft, type PackageDraft } from "./package-draft.js";

/** The bytes of a package as they come from a caller. */
export interface PackageUpload {
  readonly data: Buffer;
  readonly fileName: string;
  readonly contentType: string;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  /** Empty: to be computed. */
  readonly checksum: string;
}

/** Creates, fills and deletes packages. */
export class PackageRegistry {
  readonly #store: Store;
  readonly #cache: PackageCache;
  readonly #maxBytes: number;

  /** @param maxBytes of all packages together; 0 is unlimited */
  constructor(store: Store, cache: PackageCache, maxBytes: number) {
    this.#store = store;
    this.#cache = cache;
    this.#maxBytes = maxBytes;
  }

  /** @throws {RegistryError} nothing is stored */
  create(draft: PackageDraft): OtaPackage {
    checkDraft(draft, this.#store);
    if (this.#store.otaPackages.byTitle(draft.title, draft.version)) {
      throw new RegistryError("OtaPackage with such title and version already exists!");
    }
    return this.#save({ id: randomUUID(), createdTime: Date.now(), hasFile: false, ...draft });
  }

  /** @throws {RegistryError} nothing is stored */
  update(before: OtaPackage, draft: PackageDraft): OtaPackage {
    checkDraft(draft, this.#store);
    checkChange(draft, before);
    return this.#save({ ...before, ...draft });
  }

  /** @throws {RegistryError} nothing is stored */
  upload(before: OtaPackage, { data, ...upload }: PackageUpload): OtaPackage {
    if (data.length === 0) throw new RegistryError("OtaPackage data should be specified!");
    if (upload.fileName === "") throw new RegistryError("OtaPackage file name should be specified!");
    if (upload.contentType === "") throw new RegistryError("OtaPackage content type should be specified!");
    const checksum = checksumOf(upload.checksumAlgorithm, data);
    if (upload.checksum !== "" && upload.checksum !== checksum) throw new RegistryError("Wrong otaPackage file!");
    const filled: OtaPackage = { ...before, ...upload, checksum, url: null, dataSize: data.length, hasFile: true };
    checkDraft(filled, this.#store);
    checkChange(filled, before);
    if (before.hasFile) {
      if (!this.#store.packageFiles.read(before.id).equals(data)) {
        throw new RegistryError("Updating otaPackage data is prohibited!");
      }
      return before;
    }
    this.#checkTotalSize(data.length);
    this.#store.packageFiles.write(before.id, data);
    return this.#save(filled);
  }

  /** @throws {RegistryError} a device or a profile has the package */
  delete({ id, type }: OtaPackage): void {
    const what = type === "FIRMWARE" ? "otaPackage" : "software";
    if (this.#store.devices.all().some((device) => packageIdOf(device, type) === id)) {
      throw new RegistryError(`The ${what} referenced by the devices cannot be deleted!`);
    }
    if (this.#store.profiles.all().some((profile) => packageIdOf(profile, type) === id)) {
      throw new RegistryError(`The ${what} referenced by the device profile cannot be deleted!`);
    }
    this.#delete(id);
  }

  /** To be called when the profile is gone, and with it the only devices that could have its packages. */
  deleteAllOf({ id }: DeviceProfile): void {
    for (const otaPackage of this.#store.otaPackages.all()) {
      if (otaPackage.deviceProfileId === id) this.#delete(otaPackage.id);
    }
  }

  #delete(packageId: string): void {
    this.#store.commit({ op: "otaPackageDeleted", packageId });
    this.#store.packageFiles.delete(packageId);
    this.#cache.evict(packageId);
  }

  #save(otaPackage: OtaPackage): OtaPackage {
    this.#store.commit({ op: "otaPackage", otaPackage });
    this.#cache.evict(otaPackage.id);
    return otaPackage;
  }

  #checkTotalSize(size: number): void {
    const total = this.#store.otaPackages.all().reduce((sum, { dataSize }) => sum + (dataSize ?? 0), size);
    if (this.#maxBytes > 0 && total > this.#maxBytes) {
      throw new RegistryError(`Ota packages total size exceeds the maximum of ${sizeText(this.#maxBytes)}`);
    }
  }
}

/** As Java's Commons IO writes sizes: in the largest whole unit, rounded down. */
function sizeText(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Math.floor(bytes / 1024 ** power)} ${units[power]}`;
}
