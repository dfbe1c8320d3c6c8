import type { EventListener } from "../events.js";
import type { DeviceProfile } from "../store/device-profiles.js";
import type { Credentials, Device } from "../store/devices.js";
import type { Store } from "../store/store.js";
import { type NewCredentials, randomAlphanumeric } from "./credentials.js";
import type { DeviceData } from "./device-data.js";
import { TransportFault } from "./faults.js";
import type { Registry } from "./registry.js";
import { RegistryError } from "./registry-error.js";

/** Server attribute of a device that was provisioned. An operator deletes it to have it provisioned again. */
const stateKey = "provisionState";

/** What a device asks for. Texts that it did not send are empty. */
export interface ProvisionRequest {
  readonly provisionDeviceKey: string;
  readonly provisionDeviceSecret: string;
  readonly deviceName: string;
  readonly credentialsType: Credentials["credentialsType"] | "LWM2M_CREDENTIALS";
  readonly token: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  /** The certificate itself, whatever its name says. */
  readonly hash: string;
  readonly gateway: boolean;
}

export type ProvisionOutcome =
  | { readonly status: "SUCCESS"; readonly device: Device; readonly credentials: Credentials }
  | { readonly status: "NOT_FOUND" | "FAILURE"; readonly reason: string };

/** Gives devices their credentials: to new ones, or to those that an operator has entered before. */
export class Provisioning {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #data: DeviceData;
  readonly #onEvent: EventListener;

  constructor(store: Store, registry: Registry, data: DeviceData, onEvent: EventListener) {
    this.#store = store;
    this.#registry = registry;
    this.#data = data;
    this.#onEvent = onEvent;
  }

  /** @throws {TransportFault} the profile provisions by certificate, which needs no request */
  provision(request: ProvisionRequest): ProvisionOutcome {
    const outcome = this.#outcome(request);
    const isSuccess = outcome.status === "SUCCESS";
    const device = isSuccess ? outcome.device.name : request.deviceName;
    const { status } = outcome;
    this.#onEvent({ event: "provision.answered", device, status, reason: isSuccess ? "" : outcome.reason });
    return outcome;
  }

  /** Creates a device with a profile. @throws {RegistryError} its name or credentials are taken */
  create(profile: DeviceProfile, name: string, wanted: NewCredentials | undefined, isGateway: boolean): Device {
    const additionalInfo = isGateway ? JSON.stringify({ gateway: true }) : null;
    const device = this.#registry.create({ name, deviceProfileId: profile.id, additionalInfo }, wanted);
    this.#markProvisioned(device);
    return device;
  }

  #outcome(request: ProvisionRequest): ProvisionOutcome {
    const { provisionDeviceKey, provisionDeviceSecret } = request;
    const name = request.deviceName.trim();
    if (name === "" && request.deviceName !== "") return failure("the device name is blank");
    if (provisionDeviceKey === "" || provisionDeviceSecret === "") return notFound("no key or no secret");
    const profile = this.#store.profiles.byProvisionKey(provisionDeviceKey);
    const secret = profile?.provisionConfiguration?.provisionDeviceSecret ?? null;
    if (!profile || secret === null) return notFound("no profile has this key");
    if (profile.provisionType === "X509_CERTIFICATE_CHAIN")
      throw new TransportFault("Invalid provision strategy type!");
    if (profile.provisionType === "DISABLED") return notFound("provisioning is disabled in the profile");
    if (provisionDeviceSecret !== secret) return notFound("wrong secret");
    const device = this.#store.devices.byName(name);
    return profile.provisionType === "ALLOW_CREATE_NEW_DEVICES"
      ? this.#provisionNew({ ...request, deviceName: name || randomAlphanumeric() }, profile, device)
      : this.#provisionKnown(profile, device);
  }

  #provisionNew(request: ProvisionRequest, profile: DeviceProfile, namesake: Device | undefined): ProvisionOutcome {
    if (namesake) return failure("there is a device of this name");
    try {
      return this.#success(this.create(profile, request.deviceName, wantedCredentials(request), request.gateway));
    } catch (error) {
      if (error instanceof RegistryError) return failure(error.message);
      throw error;
    }
  }

  #provisionKnown(profile: DeviceProfile, device: Device | undefined): ProvisionOutcome {
    if (!device || device.deviceProfileId !== profile.id) return failure("the profile has no device of this name");
    if (this.#store.attributes.get(device.id, "SERVER_SCOPE", stateKey)) return failure("provisioned before");
    this.#markProvisioned(device);
    return this.#success(device);
  }

  #markProvisioned({ id }: Device): void {
    this.#data.saveAttributes(id, "SERVER_SCOPE", [[stateKey, { type: "STRING", text: "provisioned" }]]);
  }

  #success(device: Device): ProvisionOutcome {
    const credentials = this.#store.devices.credentialsOf(device.id);
    return credentials ? { status: "SUCCESS", device, credentials } : failure("the device has no credentials");
  }
}

/** Undefined, for a random token, if the request brings no data at all: then even its type does not matter. */
function wantedCredentials(request: ProvisionRequest): NewCredentials | undefined {
  const { credentialsType, token, clientId, username, password, hash } = request;
  if (!token && !clientId && !username && !password && !hash) return undefined;
  switch (credentialsType) {
    case "ACCESS_TOKEN":
      return { credentialsType, token };
    case "MQTT_BASIC":
      return { credentialsType, basic: { clientId, userName: username, password } };
    case "X509_CERTIFICATE":
      return { credentialsType, certificate: hash };
    default:
      throw new RegistryError("LwM2M credentials must be specified!");
  }
}

function failure(reason: string): ProvisionOutcome {
  return { status: "FAILURE", reason };
}

function notFound(reason: string): ProvisionOutcome {
  return { status: "NOT_FOUND", reason };
}
