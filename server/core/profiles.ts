import { randomUUID } from "node:crypto";
import { checkAssignable } from "../ota/assignment.js";
import type { PackageRegistry } from "../ota/package-registry.js";
import type { OtaUpdates } from "../ota/updates.js";
import type { DeviceProfile } from "../store/device-profiles.js";
import type { Device } from "../store/devices.js";
import { noPackages } from "../store/ota-packages.js";
import type { Store } from "../store/store.js";
import { certificateChain, sha3, trimCertificate } from "./certificate.js";
import { RegistryError } from "./registry-error.js";

/** The name of the profile that exists from the first start on. */
const defaultName = "default";

/** A profile before it is stored. */
export type ProfileDraft = Omit<DeviceProfile, "id" | "createdTime">;

/** Creates, changes and deletes device profiles. One of them is always the default. */
export class Profiles {
  readonly #store: Store;
  readonly #packages: PackageRegistry;
  readonly #updates: OtaUpdates;

  constructor(store: Store, packages: PackageRegistry, updates: OtaUpdates) {
    this.#store = store;
    this.#packages = packages;
    this.#updates = updates;
    if (!store.profiles.all().some(({ isDefault }) => isDefault)) this.#create(plainDraft(defaultName, true));
    this.#adoptDevices();
  }

  get default(): DeviceProfile {
    const profile = this.#store.profiles.all().find(({ isDefault }) => isDefault);
    if (!profile) throw new Error("there is no default device profile");
    return profile;
  }

  /** The profile of a device. */
  of({ deviceProfileId }: Device): DeviceProfile {
    return this.#store.profiles.get(deviceProfileId) ?? this.default;
  }

  /** As ThingsBoard does with the type of a device that names no profile. */
  findOrCreate(name: string): DeviceProfile {
    return this.#store.profiles.byName(name) ?? this.#create(plainDraft(name, false));
  }

  /** @throws {RegistryError} the name or the provision key is taken, or there is a default profile already */
  create(draft: ProfileDraft): DeviceProfile {
    const complete = withCertificateKey(draft);
    this.#check(complete);
    return this.#create(complete);
  }

  /** @throws {RegistryError} as {@link Profiles.create}, or the transport changes under the profile's devices */
  update(profile: DeviceProfile, draft: ProfileDraft): DeviceProfile {
    const complete = withCertificateKey(draft);
    this.#check(complete, profile);
    const changed = { ...profile, ...complete, isDefault: profile.isDefault || complete.isDefault };
    this.#updates.profileChanging(changed, profile);
    this.#store.commit({ op: "deviceProfile", profile: changed });
    return changed;
  }

  makeDefault(profile: DeviceProfile): DeviceProfile {
    this.#store.commit({ op: "deviceProfile", profile: { ...this.default, isDefault: false } });
    const changed = { ...profile, isDefault: true };
    this.#store.commit({ op: "deviceProfile", profile: changed });
    return changed;
  }

  /** @throws {RegistryError} the profile is the default one, or has devices */
  delete(profile: DeviceProfile): void {
    if (profile.isDefault) throw new RegistryError("Deletion of Default Device Profile is prohibited!");
    if (this.#hasDevices(profile)) {
      throw new RegistryError("The device profile referenced by the devices cannot be deleted!");
    }
    this.#store.commit({ op: "deviceProfileDeleted", profileId: profile.id });
    this.#packages.deleteAllOf(profile);
  }

  #create(draft: ProfileDraft): DeviceProfile {
    const profile = { id: randomUUID(), createdTime: Date.now(), ...draft };
    this.#store.commit({ op: "deviceProfile", profile });
    return profile;
  }

  #check(draft: ProfileDraft, before?: DeviceProfile): void {
    const { profiles } = this.#store;
    const isOther = (profile: DeviceProfile | undefined): boolean => !!profile && profile.id !== before?.id;
    if (draft.name.trim() === "") throw new RegistryError("Device profile name should be specified!");
    if (draft.isDefault && isOther(this.default)) {
      throw new RegistryError("Another default device profile is present in scope of current tenant!");
    }
    if (before && before.transportType !== draft.transportType && this.#hasDevices(before)) {
      throw new RegistryError("Can't change device profile transport type because devices referenced it!");
    }
    if (isOther(profiles.byName(draft.name))) {
      throw new RegistryError("Device profile with such name already exists!");
    }
    const key = draft.provisionDeviceKey;
    if (key !== null && isOther(profiles.byProvisionKey(key))) {
      const what = draft.provisionType === "X509_CERTIFICATE_CHAIN" ? "certificate" : "provision device key";
      throw new RegistryError(`Device profile with such ${what} already exists!`);
    }
    checkAssignable(draft, before?.id, this.#store);
  }

  #hasDevices({ id }: DeviceProfile): boolean {
    return this.#store.devices.all().some(({ deviceProfileId }) => deviceProfileId === id);
  }

  /** Devices of a state from before there were profiles name their type instead. */
  #adoptDevices(): void {
    for (const device of this.#store.devices.all()) {
      if (this.#store.profiles.get(device.deviceProfileId)) continue;
      const { type = defaultName, ...rest } = device as Device & { readonly type?: string };
      const { id: deviceProfileId } = this.findOrCreate(type);
      const adopted: Device = { ...{ additionalInfo: null, customerId: null }, ...rest, deviceProfileId };
      this.#store.commit({ op: "device", device: adopted });
    }
  }
}

function plainDraft(name: string, isDefault: boolean): ProfileDraft {
  return {
    name,
    description: "Default device profile",
    isDefault,
    transportType: "DEFAULT",
    provisionType: "DISABLED",
    provisionDeviceKey: null,
    provisionConfiguration: { type: "DISABLED", provisionDeviceSecret: null },
    ...noPackages,
  };
}

/** The key of a profile that provisions by certificate is made from the certificate, whatever the caller says. */
function withCertificateKey(draft: ProfileDraft): ProfileDraft {
  const configuration = draft.provisionConfiguration;
  const secret = configuration?.provisionDeviceSecret;
  if (configuration?.type !== "X509_CERTIFICATE_CHAIN" || typeof secret !== "string") return draft;
  const chain = certificateChain(secret);
  return {
    ...draft,
    provisionDeviceKey: sha3(chain[0] ?? secret),
    provisionConfiguration: {
      ...configuration,
      provisionDeviceSecret: chain.length > 1 ? secret : trimCertificate(secret),
    },
  };
}
