import { noPackages, type PackageIds } from "./ota-packages.js";

export interface Device extends PackageIds {
  readonly id: string;
  readonly createdTime: number;
  readonly name: string;
  readonly label: string | null;
  readonly deviceProfileId: string;
  /** JSON text. */
  readonly additionalInfo: string | null;
  /** The customer who claimed the device, or was given it. */
  readonly customerId: string | null;
}

export type CredentialsType = "ACCESS_TOKEN" | "MQTT_BASIC" | "X509_CERTIFICATE";

export interface Credentials {
  readonly id: string;
  readonly createdTime: number;
  readonly deviceId: string;
  readonly credentialsType: CredentialsType;
  /** What a connecting client is looked up by: the token, or a hash of client id and user name, or of the certificate. */
  readonly credentialsId: string;
  /** MQTT_BASIC: the JSON text of `{clientId, userName, password}`. X509_CERTIFICATE: base64 of the DER. */
  readonly credentialsValue: string | null;
}

/** Devices and their credentials, one of each per device. */
export class Devices {
  readonly #devices = new Map<string, Device>();
  readonly #credentials = new Map<string, Credentials>();
  readonly #byCredentialsId = new Map<string, Credentials>();

  get(deviceId: string): Device | undefined {
    return this.#devices.get(deviceId);
  }

  all(): Device[] {
    return [...this.#devices.values()];
  }

  byName(name: string): Device | undefined {
    return this.all().find((device) => device.name === name);
  }

  credentialsOf(deviceId: string): Credentials | undefined {
    return this.#credentials.get(deviceId);
  }

  byCredentialsId(credentialsId: string): Credentials | undefined {
    return this.#byCredentialsId.get(credentialsId);
  }

  put(device: Device): void {
    // A state from before there were packages names none.
    this.#devices.set(device.id, { ...noPackages, ...device });
  }

  putCredentials(credentials: Credentials): void {
    this.#deleteCredentials(credentials.deviceId);
    this.#credentials.set(credentials.deviceId, credentials);
    this.#byCredentialsId.set(credentials.credentialsId, credentials);
  }

  delete(deviceId: string): void {
    this.#devices.delete(deviceId);
    this.#deleteCredentials(deviceId);
  }

  #deleteCredentials(deviceId: string): void {
    const credentials = this.#credentials.get(deviceId);
    this.#credentials.delete(deviceId);
    if (credentials) this.#byCredentialsId.delete(credentials.credentialsId);
  }
}
