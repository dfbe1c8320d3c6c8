import type { ChecksumAlgorithm } from "../ota/checksum.js";

export const otaPackageTypes = ["FIRMWARE", "SOFTWARE"] as const;
export type OtaPackageType = (typeof otaPackageTypes)[number];

/** What a device, or all devices of a profile, should run. */
export interface PackageIds {
  readonly firmwareId: string | null;
  readonly softwareId: string | null;
}

export const noPackages: PackageIds = { firmwareId: null, softwareId: null };

/** Something to run, or first only its description: the bytes come later, or from a URL that the device fetches. */
export interface OtaPackage {
  readonly id: string;
  readonly createdTime: number;
  /** Only devices of this profile can get the package. */
  readonly deviceProfileId: string | null;
  readonly type: OtaPackageType;
  /** Unique together with the version. */
  readonly title: string;
  readonly version: string;
  readonly tag: string | null;
  readonly url: string | null;
  /** Whether the bytes were uploaded. Without it, what follows is only what somebody said. */
  readonly hasFile: boolean;
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly checksumAlgorithm: ChecksumAlgorithm | null;
  readonly checksum: string | null;
  readonly dataSize: number | null;
  /** JSON text. */
  readonly additionalInfo: string | null;
}

export function packageIdOf({ firmwareId, softwareId }: PackageIds, type: OtaPackageType): string | null {
  return type === "FIRMWARE" ? firmwareId : softwareId;
}

/** The packages, without their bytes. */
export class OtaPackages {
  readonly #packages = new Map<string, OtaPackage>();

  get(packageId: string): OtaPackage | undefined {
    return this.#packages.get(packageId);
  }

  all(): OtaPackage[] {
    return [...this.#packages.values()];
  }

  byTitle(title: string, version: string): OtaPackage | undefined {
    return this.all().find((one) => one.title === title && one.version === version);
  }

  put(otaPackage: OtaPackage): void {
    this.#packages.set(otaPackage.id, otaPackage);
  }

  delete(packageId: string): void {
    this.#packages.delete(packageId);
  }
}
