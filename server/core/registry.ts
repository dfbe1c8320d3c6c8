import { randomUUID } from "node:crypto";
import { checkAssignable } from "../ota/assignment.js";
import type { OtaUpdates } from "../ota/updates.js";
import type { DeviceProfile } from "../store/device-profiles.js";
import type { Credentials, Device } from "../store/devices.js";
import type { PackageIds } from "../store/ota-packages.js";
import type { Store } from "../store/store.js";
import { type NewCredentials, randomAlphanumeric, storedCredentials } from "./credentials.js";
import type { Profiles } from "./profiles.js";
import { RegistryError } from "./registry-error.js";
import type { RpcService } from "./rpc-service.js";
import type { Sessions } from "./sessions.js";

/** A device before it is stored. Its profile is given by id, else by name, else it is the default one. */
export interface DeviceDraft extends Partial<PackageIds> {
  readonly name: string;
  readonly deviceProfileId?: string | undefined;
  readonly type?: string | undefined;
  readonly label?: string | null;
  /** JSON text. */
  readonly additionalInfo?: string | null;
  /** Whose a new device is; one that exists changes hands by {@link Registry.assign}. */
  readonly customerId?: string | null;
}

/** Creates, changes and deletes devices; what the device on the other end would notice, its session notices. */
export class Registry {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #rpc: RpcService;
  readonly #profiles: Profiles;
  readonly #updates: OtaUpdates;

  constructor(store: Store, sessions: Sessions, rpc: RpcService, profiles: Profiles, updates: OtaUpdates) {
    this.#store = store;
    this.#sessions = sessions;
    this.#rpc = rpc;
    this.#profiles = profiles;
    this.#updates = updates;
  }

  /**
   * @param wanted without it, a random access token
   * @throws {RegistryError} nothing is stored
   */
  create(draft: DeviceDraft, wanted?: NewCredentials): Device {
    this.#checkName(draft.name);
    const id = randomUUID();
    const credentials = this.#checked(id, wanted ?? { credentialsType: "ACCESS_TOKEN", token: randomAlphanumeric() });
    const { name, label = null, additionalInfo = null, customerId = null } = draft;
    const deviceProfileId = this.#profileOf(draft).id;
    const packages = this.#packagesOf(draft, deviceProfileId);
    const members = { name, label, deviceProfileId, additionalInfo, customerId, ...packages };
    const device = this.#save({ id, createdTime: Date.now(), ...members });
    this.#store.commit({ op: "credentials", credentials });
    return device;
  }

  /** @throws {RegistryError} nothing is stored */
  update(device: Device, draft: DeviceDraft): Device {
    this.#checkName(draft.name, device);
    const { name, label = null, additionalInfo = null } = draft;
    const deviceProfileId = this.#profileOf(draft).id;
    const packages = this.#packagesOf(draft, deviceProfileId);
    return this.#save({ ...device, name, label, additionalInfo, deviceProfileId, ...packages }, device);
  }

  /** @param customerId null takes the device away from its customer */
  assign(device: Device, customerId: string | null): Device {
    return this.#save({ ...device, customerId }, device);
  }

  delete(deviceId: string): void {
    this.#store.commit({ op: "deviceDeleted", deviceId });
    this.#sessions.of(deviceId)?.close("device deleted");
    this.#rpc.forgetDevice(deviceId);
  }

  /** @throws {RegistryError} the credentials are incomplete or belong to another device */
  setCredentials(deviceId: string, wanted: NewCredentials): Credentials {
    const credentials = this.#checked(deviceId, wanted);
    const before = this.#store.devices.credentialsOf(deviceId);
    const saved = before ? { ...credentials, id: before.id, createdTime: before.createdTime } : credentials;
    this.#store.commit({ op: "credentials", credentials: saved });
    const isSame = (["credentialsType", "credentialsId", "credentialsValue"] as const).every(
      (member) => before?.[member] === saved[member],
    );
    if (!isSame) this.#sessions.of(deviceId)?.close("credentials updated");
    return saved;
  }

  #save(device: Device, before?: Device): Device {
    this.#updates.deviceChanging(device, before);
    this.#store.commit({ op: "device", device });
    return device;
  }

  #checkName(name: string, before?: Device): void {
    if (name.trim() === "") throw new RegistryError("Device name should be specified!");
    const namesake = this.#store.devices.byName(name);
    if (namesake && namesake.id !== before?.id) throw new RegistryError("Device with such name already exists!");
  }

  #profileOf({ deviceProfileId, type }: DeviceDraft): DeviceProfile {
    if (deviceProfileId === undefined) return type ? this.#profiles.findOrCreate(type) : this.#profiles.default;
    const profile = this.#store.profiles.get(deviceProfileId);
    if (!profile) throw new RegistryError("Device is referencing non existing device profile!");
    return profile;
  }

  #packagesOf({ firmwareId = null, softwareId = null }: DeviceDraft, deviceProfileId: string): PackageIds {
    const packages = { firmwareId, softwareId };
    checkAssignable(packages, deviceProfileId, this.#store);
    return packages;
  }

  #checked(deviceId: string, wanted: NewCredentials): Credentials {
    const stored = storedCredentials(wanted);
    const owner = this.#store.devices.byCredentialsId(stored.credentialsId)?.deviceId;
    if (owner && owner !== deviceId) {
      throw new RegistryError("Device credentials are already assigned to another device!");
    }
    return { id: randomUUID(), createdTime: Date.now(), deviceId, ...stored };
  }
}
