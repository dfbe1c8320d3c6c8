import { isGateway } from "../core/gateway-info.js";
import type { JsonOutput } from "../json/json.js";
import type { Device } from "../store/devices.js";
import { type Limits, RateLimits } from "./rate-limits.js";

export interface AllLimits {
  /** Of a device that is no gateway, nor behind one. */
  readonly device: Limits;
  /** Of all sub-devices of a gateway together. */
  readonly gateway: Limits;
  /** Of what a gateway says for itself. */
  readonly gatewayDevice: Limits;
}

/** How much devices may still send. */
export class LimitBook {
  readonly #limits: AllLimits;
  readonly #books = {
    device: new Map<string, RateLimits>(),
    gateway: new Map<string, RateLimits>(),
    gatewayDevice: new Map<string, RateLimits>(),
  } as const;

  /** @throws {RangeError} malformed limits */
  constructor(limits: AllLimits) {
    // Malformed limits are to be refused here, not when the first device connects.
    for (const one of Object.values(limits)) new RateLimits(one);
    this.#limits = limits;
  }

  of(device: Device): RateLimits {
    return this.#find(isGateway(device) ? "gatewayDevice" : "device", device);
  }

  ofSubDevices(gateway: Device): RateLimits {
    return this.#find("gateway", gateway);
  }

  /** What a device is told of its limits by `getSessionLimits`. */
  json(device: Device): { readonly [member: string]: JsonOutput } {
    const limits = this.#limits;
    if (!isGateway(device)) return { rateLimits: { ...limits.device } };
    return { rateLimits: { ...limits.gatewayDevice }, gatewayRateLimits: { ...limits.gateway } };
  }

  #find(kind: keyof AllLimits, { id }: Device): RateLimits {
    const limits = this.#books[kind].get(id) ?? new RateLimits(this.#limits[kind]);
    this.#books[kind].set(id, limits);
    return limits;
  }
}
