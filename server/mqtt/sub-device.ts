import type { Delivery, RpcMessage, Session } from "../core/sessions.js";
import type { Device } from "../store/devices.js";
import type { Downlink } from "./downlink.js";
import { gatewayTopics } from "./gateway-topics.js";

export interface SubDeviceOptions {
  /** Of the gateway's connection. */
  readonly downlink: Downlink;
  readonly sessionTimeout: number;
  readonly onClose: (reason: string) => void;
}

/** A device behind a gateway. It has a session as if it had connected itself, and subscribed to everything. */
export class SubDevice implements Session {
  /** As it was when the session began. */
  readonly device: Device;
  readonly isSubscribedToAttributes = true;
  readonly isSubscribedToRpc = true;
  readonly #options: SubDeviceOptions;
  readonly #inactivity: NodeJS.Timeout;

  constructor(device: Device, options: SubDeviceOptions) {
    this.device = device;
    this.#options = options;
    this.#inactivity = setTimeout(() => this.close("session timeout"), options.sessionTimeout).unref();
  }

  get deviceId(): string {
    return this.device.id;
  }

  sendAttributeUpdate(json: string): void {
    this.#publish(gatewayTopics.attributes, json);
  }

  /** Faithful: what the gateway acknowledges is not looked at. */
  sendRpc({ id, method, params }: RpcMessage): Delivery {
    const json = `{"id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
    return this.#publish(gatewayTopics.rpc, json) === 0 ? "done" : "unknown";
  }

  recordActivity(): void {
    this.#inactivity.refresh();
  }

  /** The gateway is not told. */
  close(reason: string): void {
    clearTimeout(this.#inactivity);
    this.#options.onClose(reason);
  }

  #publish(topic: string, json: string): 0 | 1 {
    return this.#options.downlink.publish(topic, `{"device":${JSON.stringify(this.device.name)},"data":${json}}`);
  }
}
