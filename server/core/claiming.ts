import type { EventListener } from "../events.js";
import type { Claim } from "../store/claims.js";
import type { Device } from "../store/devices.js";
import type { Store } from "../store/store.js";
import type { DeviceData } from "./device-data.js";
import type { Registry } from "./registry.js";

/** Server attribute without which, if it is not so by default, a device cannot be claimed. */
const allowedKey = "claimingAllowed";

/** Server attribute by which an operator makes a device claimable that does not ask for it. */
const dataKey = "claimingData";

/** So long ThingsBoard's cache keeps what a device sent, however long it asked for. */
const maxAge = 86_400_000;

export type ClaimOutcome = "SUCCESS" | "FAILURE" | "CLAIMED";

export interface ClaimingOptions {
  /** How long a device can be claimed that does not say so itself. */
  readonly duration: number;
  readonly isAllowedByDefault: boolean;
}

/** Makes devices claimable and gives them to the customers that claim them. */
export class Claiming {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #data: DeviceData;
  readonly #onEvent: EventListener;
  readonly #options: ClaimingOptions;

  constructor(store: Store, registry: Registry, data: DeviceData, onEvent: EventListener, options: ClaimingOptions) {
    this.#store = store;
    this.#registry = registry;
    this.#data = data;
    this.#onEvent = onEvent;
    this.#options = options;
  }

  /**
   * A device lets itself be claimed. It is not told whether that was accepted.
   * @param duration 0 or less is the server's own
   */
  offer(deviceId: string, secretKey: string, duration: number): void {
    const device = this.#store.devices.get(deviceId);
    if (!device) return;
    const refusal = this.#refusal(device);
    const { name } = device;
    this.#onEvent({ event: "claim.offered", device: name, isAccepted: refusal === undefined, reason: refusal ?? "" });
    if (refusal !== undefined) return;
    const createdTime = Date.now();
    const expirationTime = createdTime + (duration > 0 ? duration : this.#options.duration);
    this.#store.commit({ op: "claim", claim: { deviceId, createdTime, secretKey, expirationTime } });
  }

  /** @param customerId null is a tenant's user, who uses the claim up and gives the device to nobody */
  claim(device: Device, customerId: string | null, secretKey: string): ClaimOutcome {
    const claim = this.#offered(device.id) ?? this.#entered(device.id);
    if (!claim) return device.customerId === null ? "FAILURE" : "CLAIMED";
    const isWrong = Date.now() > claim.expirationTime || secretKey !== claim.secretKey;
    this.#forget(device);
    if (isWrong) return "FAILURE";
    const isFree = device.customerId === null;
    if (isFree) this.#registry.assign(device, customerId);
    this.#data.deleteAttributes(device.id, "SERVER_SCOPE", [allowedKey, dataKey]);
    if (!isFree) return "CLAIMED";
    this.#onEvent({ event: "device.claimed", device: device.name });
    return "SUCCESS";
  }

  /** Takes the device away from its customer, so that it can be claimed again. */
  reclaim(device: Device): void {
    this.#forget(device);
    if (device.customerId === null) return;
    this.#registry.assign(device, null);
    this.#onEvent({ event: "device.reclaimed", device: device.name });
    if (this.#options.isAllowedByDefault) return;
    this.#data.saveAttributes(device.id, "SERVER_SCOPE", [[allowedKey, { type: "BOOLEAN", text: "true" }]]);
  }

  #refusal({ id, customerId }: Device): string | undefined {
    const allowed = this.#store.attributes.get(id, "SERVER_SCOPE", allowedKey);
    const isAllowed = this.#options.isAllowedByDefault || (allowed?.type === "BOOLEAN" && allowed.text === "true");
    if (!isAllowed) return "the server attribute claimingAllowed is missing";
    if (customerId !== null) return "the device has been claimed already";
    return this.#offered(id) && "an earlier message of the device still counts";
  }

  #offered(deviceId: string): Claim | undefined {
    const claim = this.#store.claims.get(deviceId);
    return claim && Date.now() - claim.createdTime < maxAge ? claim : undefined;
  }

  #entered(deviceId: string): Pick<Claim, "secretKey" | "expirationTime"> | undefined {
    const attribute = this.#store.attributes.get(deviceId, "SERVER_SCOPE", dataKey);
    if (!attribute) return undefined;
    try {
      const { secretKey = "", expirationTime } = JSON.parse(attribute.text) as Partial<Claim>;
      return expirationTime === undefined ? undefined : { secretKey, expirationTime };
    } catch {
      return undefined;
    }
  }

  #forget({ id }: Device): void {
    if (this.#store.claims.get(id)) this.#store.commit({ op: "claimDeleted", deviceId: id });
  }
}
