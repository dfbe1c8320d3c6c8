import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Credentials, CredentialsType, Device } from "../store/devices.js";
import type { Store } from "../store/store.js";
import type { RpcService } from "./rpc-service.js";
import type { Sessions } from "./sessions.js";

/** Something ThingsBoard refuses to store; its message is ThingsBoard's. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

export interface BasicCredentials {
  readonly clientId?: string;
  readonly userName?: string;
  readonly password?: string;
}

export type NewCredentials =
  | { readonly credentialsType: "ACCESS_TOKEN"; readonly token: string }
  | { readonly credentialsType: "MQTT_BASIC"; readonly basic: BasicCredentials };

/** Creates, changes and deletes devices; what the device on the other end would notice, its session notices. */
export class Registry {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #rpc: RpcService;

  constructor(store: Store, sessions: Sessions, rpc: RpcService) {
    this.#store = store;
    this.#sessions = sessions;
    this.#rpc = rpc;
  }

  /** @throws {RegistryError} the name or the token is taken */
  create(name: string, type = "default", label: string | null = null, token = randomToken()): Device {
    if (name.trim() === "") throw new RegistryError("Device name should be specified!");
    if (this.#store.devices.byName(name)) throw new RegistryError("Device with such name already exists!");
    const device = { id: randomUUID(), createdTime: Date.now(), name, type, label };
    const credentials = this.#checked(device.id, { credentialsType: "ACCESS_TOKEN", token });
    this.#store.commit({ op: "device", device });
    this.#store.commit({ op: "credentials", credentials });
    return device;
  }

  /** @throws {RegistryError} the new name is taken */
  update(device: Device, name: string, type: string, label: string | null): Device {
    const namesake = this.#store.devices.byName(name);
    if (namesake && namesake.id !== device.id) throw new RegistryError("Device with such name already exists!");
    const changed = { ...device, name, type, label };
    this.#store.commit({ op: "device", device: changed });
    return changed;
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
    if (before?.credentialsId !== saved.credentialsId || before.credentialsValue !== saved.credentialsValue) {
      this.#sessions.of(deviceId)?.close("credentials updated");
    }
    return saved;
  }

  #checked(deviceId: string, wanted: NewCredentials): Credentials {
    const { credentialsType } = wanted;
    const credentialsId = wanted.credentialsType === "ACCESS_TOKEN" ? wanted.token : basicCredentialsId(wanted.basic);
    const credentialsValue = wanted.credentialsType === "ACCESS_TOKEN" ? null : JSON.stringify(wanted.basic);
    if (!credentialsId) throw new RegistryError("Device credentials id should be specified!");
    const owner = this.#store.devices.byCredentialsId(credentialsId)?.deviceId;
    if (owner && owner !== deviceId) {
      throw new RegistryError("Device credentials are already assigned to another device!");
    }
    return newCredentials(deviceId, credentialsType, credentialsId, credentialsValue);
  }
}

function newCredentials(
  deviceId: string,
  credentialsType: CredentialsType,
  credentialsId: string,
  credentialsValue: string | null,
): Credentials {
  return { id: randomUUID(), createdTime: Date.now(), deviceId, credentialsType, credentialsId, credentialsValue };
}

/** What MQTT_BASIC credentials are looked up by. */
function basicCredentialsId({ clientId, userName }: BasicCredentials): string {
  if (!clientId) return userName ?? "";
  return sha3(userName ? `${clientId}|${userName}` : clientId);
}

export function sha3(text: string): string {
  return createHash("sha3-256").update(text).digest("hex");
}

function randomToken(): string {
  return randomBytes(15).toString("base64url");
}
