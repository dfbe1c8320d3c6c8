import type { DeviceProfile } from "../store/device-profiles.js";
import type { Store } from "../store/store.js";
import { sha3 } from "./certificate.js";
import type { Provisioning } from "./provisioning.js";
import type { Registry } from "./registry.js";
import { RegistryError } from "./registry-error.js";

/** What a client shows of itself in a handshake. Certificates are base64 of the DER. */
export interface CertificateChain {
  /** The client's own, then those that signed it, as far as they were sent. */
  readonly chain: readonly string[];
  /** Of the client's own. */
  readonly commonName: string;
}

/** Creates or changes a device in the handshake, by a certificate that one of a device profile has signed. */
export class ChainProvisioning {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #provisioning: Provisioning;

  constructor(store: Store, registry: Registry, provisioning: Provisioning) {
    this.#store = store;
    this.#registry = registry;
    this.#provisioning = provisioning;
  }

  /** Fails without a word: whether the certificate is a device's is told at CONNECT. */
  provision({ chain, commonName }: CertificateChain): void {
    for (const certificate of chain) {
      const id = sha3(certificate);
      if (this.#store.devices.byCredentialsId(id)?.credentialsType === "X509_CERTIFICATE") return;
      const profile = this.#store.profiles.byProvisionKey(id);
      if (profile?.provisionType !== "X509_CERTIFICATE_CHAIN") continue;
      const name = nameIn(commonName, profile);
      if (name !== undefined) this.#provisionDevice(profile, name, chain[0] ?? certificate);
      return;
    }
  }

  #provisionDevice(profile: DeviceProfile, name: string, certificate: string): void {
    const device = this.#store.devices.byName(name);
    const wanted = { credentialsType: "X509_CERTIFICATE", certificate } as const;
    try {
      if (device?.deviceProfileId === profile.id) {
        const before = this.#store.devices.credentialsOf(device.id);
        if (before?.credentialsType === "X509_CERTIFICATE") this.#registry.setCredentials(device.id, wanted);
      } else if (profile.provisionConfiguration?.allowCreateNewDevicesByX509Certificate) {
        this.#provisioning.create(profile, name, wanted, false);
      }
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
    }
  }
}

/** The first group of the profile's expression in the common name. */
function nameIn(commonName: string, { provisionConfiguration }: DeviceProfile): string | undefined {
  try {
    return new RegExp(provisionConfiguration?.certificateRegExPattern ?? "").exec(commonName)?.[1];
  } catch {
    return undefined;
  }
}
