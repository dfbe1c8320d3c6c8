import type { ServerContext } from "../core/context.js";
import { TransportFault } from "../core/faults.js";
import { overwritesActivityTime } from "../core/gateway-info.js";
import { RegistryError } from "../core/registry-error.js";
import type { Device } from "../store/devices.js";
import type { Downlink } from "./downlink.js";
import type { RateLimits } from "./rate-limits.js";
import { SubDevice } from "./sub-device.js";

export interface SubDeviceSessionsOptions {
  /** Of the gateway's connection. */
  readonly downlink: Downlink;
  /** Of all sub-devices together. */
  readonly limits: RateLimits;
  readonly sessionTimeout: number;
}

/** The sub-devices of one connected gateway. */
export class SubDeviceSessions {
  readonly #gateway: Device;
  readonly #context: ServerContext;
  readonly #options: SubDeviceSessionsOptions;
  readonly #subDevices = new Map<string, SubDevice>();
  #hasEnded = false;

  constructor(gateway: Device, context: ServerContext, options: SubDeviceSessionsOptions) {
    this.#gateway = gateway;
    this.#context = context;
    this.#options = options;
  }

  get(name: string): SubDevice | undefined {
    return this.#subDevices.get(name);
  }

  /**
   * Opens a session, creating the device if need be.
   * @param type see {@link SubDevices.findOrCreate}
   * @returns undefined: there is no such device, and cannot be
   * @throws {TransportFault} looking for it is over the limit
   */
  open(name: string, type: string): SubDevice | undefined {
    // Faithful: unlike the message itself, this is not foreseen to be over the limit.
    if (!this.#options.limits.trySpend()) throw new TransportFault("rate limit messages exceeded");
    try {
      return this.#open(this.#context.subDevices.findOrCreate(this.#gateway, name, type));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      this.#context.onEvent({ event: "save.rejected", device: name, reason: error.message });
      return undefined;
    }
  }

  recordActivity(subDevice: SubDevice): void {
    subDevice.recordActivity();
    this.#context.state.recordActivity(subDevice.deviceId);
  }

  /** The gateway itself has shown a sign of life, which may count for all. */
  recordGatewayActivity(): void {
    const gateway = this.#context.store.devices.get(this.#gateway.id);
    if (!gateway || !overwritesActivityTime(gateway)) return;
    for (const subDevice of this.#subDevices.values()) this.recordActivity(subDevice);
  }

  /** To be called when the gateway's connection is gone. */
  end(): void {
    this.#hasEnded = true;
    for (const subDevice of [...this.#subDevices.values()]) subDevice.close("gateway disconnected");
  }

  #open(device: Device): SubDevice {
    const { downlink, limits, sessionTimeout } = this.#options;
    const { sessions, state, onEvent } = this.#context;
    const onClose = (reason: string): void => this.#closed(subDevice, reason);
    const subDevice = new SubDevice(device, { downlink, sessionTimeout, onClose });
    this.#subDevices.set(device.name, subDevice);
    // Faithful: over the limit it is connected all the same, and only never gets anything.
    if (!limits.trySpend()) return subDevice;
    sessions.open(subDevice);
    if (this.#hasEnded) {
      // A gateway that names itself has just taken over from itself.
      sessions.remove(subDevice);
      return subDevice;
    }
    state.connected(device.id);
    onEvent({ event: "subdevice.connected", device: device.name, gateway: this.#gateway.name });
    return subDevice;
  }

  #closed(subDevice: SubDevice, reason: string): void {
    const { device } = subDevice;
    const { sessions, state, onEvent } = this.#context;
    this.#subDevices.delete(device.name);
    sessions.remove(subDevice);
    // Faithful: the end too counts as a message, and over the limit goes unnoticed.
    if (this.#options.limits.trySpend()) state.disconnected(device.id);
    onEvent({ event: "subdevice.disconnected", device: device.name, gateway: this.#gateway.name, reason });
  }
}
