import { RegistryError } from "../core/registry-error.js";
import type { Device } from "../store/devices.js";
import { type OtaPackageType, otaPackageTypes, type PackageIds, packageIdOf } from "../store/ota-packages.js";
import type { Store } from "../store/store.js";

/** What a device should run: its own package, else its profile's. */
export function targetPackageId(device: Device, type: OtaPackageType, { profiles }: Store): string | null {
  const profile = profiles.get(device.deviceProfileId);
  return packageIdOf(device, type) ?? (profile ? packageIdOf(profile, type) : null);
}

/**
 * @param profileId of the device or profile that is to get the packages
 * @throws {RegistryError} a package cannot be assigned to it
 */
export function checkAssignable(ids: PackageIds, profileId: string | undefined, { otaPackages }: Store): void {
  for (const type of otaPackageTypes) {
    const id = packageIdOf(ids, type);
    if (id === null) continue;
    const what = type.toLowerCase();
    const otaPackage = otaPackages.get(id);
    if (!otaPackage) throw new RegistryError(`Can't assign non-existent ${what}!`);
    if (otaPackage.type !== type) throw new RegistryError(`Can't assign ${what} with type: ${otaPackage.type}`);
    if (!otaPackage.hasFile && !otaPackage.url) throw new RegistryError(`Can't assign ${what} with empty data!`);
    if (otaPackage.deviceProfileId !== profileId) {
      throw new RegistryError(`Can't assign ${what} with different deviceProfile!`);
    }
  }
}
