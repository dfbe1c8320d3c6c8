import type { EventListener } from "../events.js";
import { writeJson } from "../json/json.js";
import { parseLenientJson } from "../json/lenient-parser.js";
import type { Device } from "../store/devices.js";
import type { Store } from "../store/store.js";
import type { Registry } from "./registry.js";
import { RegistryError } from "./registry-error.js";

/** From a gateway to a device that exists because the gateway named it. */
const createdRelation = "Created";

/** Member of a device's additional info. */
const lastGatewayKey = "lastConnectedGateway";

/** The devices that gateways speak for: any of the server's, and those that they bring with them. */
export class SubDevices {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #onEvent: EventListener;

  constructor(store: Store, registry: Registry, onEvent: EventListener) {
    this.#store = store;
    this.#registry = registry;
    this.#onEvent = onEvent;
  }

  /**
   * @param type the profile of a new device, itself new if need be; does not matter to a known one
   * @throws {RegistryError} there is no such device, and cannot be
   */
  findOrCreate(gateway: Device, name: string, type: string): Device {
    const device = this.#store.devices.byName(name);
    return device ? this.#noteGateway(device, gateway.id) : this.#create(gateway, name, type);
  }

  #create(gateway: Device, name: string, type: string): Device {
    if (type.trim() === "") throw new RegistryError("Device profile name should be specified!");
    const additionalInfo = JSON.stringify({ [lastGatewayKey]: gateway.id });
    const customerId = this.#store.devices.get(gateway.id)?.customerId ?? null;
    const device = this.#registry.create({ name, type, customerId, additionalInfo });
    const relation = { fromId: gateway.id, toId: device.id, type: createdRelation };
    this.#store.commit({ op: "relation", relation });
    this.#onEvent({ event: "subdevice.created", device: name, gateway: gateway.name, type });
    return device;
  }

  #noteGateway(device: Device, gatewayId: string): Device {
    const json = parseLenientJson(device.additionalInfo ?? "{}");
    const info = json instanceof Map ? json : new Map();
    return this.#registry.update(device, { ...device, additionalInfo: writeJson(info.set(lastGatewayKey, gatewayId)) });
  }
}
