import { noPackages, type PackageIds } from "./ota-packages.js";

export const transportTypes = ["DEFAULT", "MQTT", "COAP", "LWM2M", "SNMP"] as const;
export type TransportType = (typeof transportTypes)[number];

export const provisionTypes = [
  "DISABLED",
  "ALLOW_CREATE_NEW_DEVICES",
  "CHECK_PRE_PROVISIONED_DEVICES",
  "X509_CERTIFICATE_CHAIN",
] as const;
export type ProvisionType = (typeof provisionTypes)[number];

/** What a device must know, or show, to be provisioned. ThingsBoard keeps its type apart from the profile's. */
export interface ProvisionConfiguration {
  readonly type: ProvisionType;
  /** With X509_CERTIFICATE_CHAIN it is the certificate itself. */
  readonly provisionDeviceSecret: string | null;
  /** X509_CERTIFICATE_CHAIN: finds the device's name, as its first group, in the common name of its certificate. */
  readonly certificateRegExPattern?: string | null;
  readonly allowCreateNewDevicesByX509Certificate?: boolean;
}

export interface DeviceProfile extends PackageIds {
  readonly id: string;
  readonly createdTime: number;
  /** It is the type of the profile's devices. */
  readonly name: string;
  readonly description: string | null;
  readonly isDefault: boolean;
  readonly transportType: TransportType;
  readonly provisionType: ProvisionType;
  /** Unique where it is not null. */
  readonly provisionDeviceKey: string | null;
  readonly provisionConfiguration: ProvisionConfiguration | null;
}

/** What devices have in common. */
export class DeviceProfiles {
  readonly #profiles = new Map<string, DeviceProfile>();

  get(profileId: string): DeviceProfile | undefined {
    return this.#profiles.get(profileId);
  }

  all(): DeviceProfile[] {
    return [...this.#profiles.values()];
  }

  byName(name: string): DeviceProfile | undefined {
    return this.all().find((profile) => profile.name === name);
  }

  byProvisionKey(key: string): DeviceProfile | undefined {
    return this.all().find(({ provisionDeviceKey }) => provisionDeviceKey === key);
  }

  put(profile: DeviceProfile): void {
    // A state from before there were packages names none.
    this.#profiles.set(profile.id, { ...noPackages, ...profile });
  }

  delete(profileId: string): void {
    this.#profiles.delete(profileId);
  }
}
