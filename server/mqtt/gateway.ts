import type { ServerContext } from "../core/context.js";
import { Fault, RateLimitFault } from "../core/faults.js";
import { valueEntries } from "../core/payload.js";
import type { Json, JsonObject } from "../json/json.js";
import type { Device } from "../store/devices.js";
import { claimOf } from "./claim-message.js";
import { gatewayAttributeResponse } from "./gateway-attributes.js";
import {
  type AttributesRequest,
  type DeviceEntry,
  defaultType,
  gatewayTelemetry,
  parseAttributesRequest,
  parseConnect,
  parseDeviceEntries,
  parseDisconnect,
  parseRpcResponse,
  type RpcResponse,
} from "./gateway-messages.js";
import { gatewayTopics } from "./gateway-topics.js";
import { pointCount, recordAttributes, recordTelemetry } from "./record.js";
import type { SubDevice } from "./sub-device.js";
import { SubDeviceSessions, type SubDeviceSessionsOptions } from "./sub-device-sessions.js";

export interface GatewayOptions extends SubDeviceSessionsOptions {
  /** Closes the gateway's connection. */
  readonly close: (reason: string) => void;
}

/** What a gateway publishes for the devices behind it. */
export class Gateway {
  readonly #device: Device;
  readonly #context: ServerContext;
  readonly #options: GatewayOptions;
  readonly #subDevices: SubDeviceSessions;
  /** What is sent once the message that caused it is acknowledged, as a gateway of a real server mostly sees it. */
  readonly #answers: (() => void)[] = [];

  constructor(device: Device, context: ServerContext, options: GatewayOptions) {
    this.#device = device;
    this.#context = context;
    this.#options = options;
    this.#subDevices = new SubDeviceSessions(device, context, options);
  }

  /** The gateway itself has shown a sign of life. */
  recordActivity(): void {
    this.#subDevices.recordGatewayActivity();
  }

  /** To be called when the connection is gone. */
  ended(): void {
    this.#subDevices.end();
  }

  /**
   * @param acknowledge sends the PUBACK at QoS 1
   * @throws {Fault}
   */
  receive(topic: string, payload: string, acknowledge: () => void): void {
    this.#process(topic, payload, acknowledge);
    for (const answer of this.#answers.splice(0)) answer();
  }

  #process(topic: string, payload: string, acknowledge: () => void): void {
    switch (topic) {
      case gatewayTopics.connect: {
        const { device, type } = parseConnect(payload);
        this.#enter(device, type);
        acknowledge();
        break;
      }
      case gatewayTopics.disconnect:
        this.#subDevices.get(parseDisconnect(payload))?.close("gateway disconnected it");
        acknowledge();
        break;
      case gatewayTopics.attributesRequest: {
        const request = parseAttributesRequest(payload);
        this.#forOne(request.device, acknowledge, (device) => this.#requestAttributes(device, request));
        break;
      }
      case gatewayTopics.rpc: {
        const response = parseRpcResponse(payload);
        this.#forOne(response.device, acknowledge, (device) => this.#answerRpc(device, response));
        break;
      }
      default:
        this.#processMany(topic, payload, acknowledge);
    }
  }

  #processMany(topic: string, payload: string, acknowledge: () => void): void {
    switch (topic) {
      case gatewayTopics.telemetry: {
        const entries = parseDeviceEntries(payload, isArray);
        this.#forEach(entries, acknowledge, (device, samples) => this.#saveTelemetry(device, samples));
        break;
      }
      case gatewayTopics.attributes: {
        const entries = parseDeviceEntries(payload, isObject);
        this.#forEach(entries, acknowledge, (device, values) => this.#saveAttributes(device, values));
        break;
      }
      case gatewayTopics.claim: {
        const entries = parseDeviceEntries(payload, isObject);
        this.#forEach(entries, acknowledge, (device, claim) => this.#offerClaim(device, claim));
        break;
      }
      default:
        this.#reportIgnored(topic, "unknown topic");
        acknowledge();
    }
  }

  #forOne(name: string, acknowledge: () => void, process: (device: Device) => void): void {
    this.#forEach([[name, null]], acknowledge, process);
  }

  /**
   * Faithful: there is one PUBACK, as soon as a device fails or when all are through, which an empty array never is.
   * What cannot be read or is over the limit closes the connection, but the other devices have their turn.
   */
  #forEach<T extends Json>(
    entries: readonly DeviceEntry<T>[],
    acknowledge: () => void,
    process: (device: Device, json: T) => void,
  ): void {
    let remaining = entries.length;
    let isAcknowledged = false;
    let closeReason: string | undefined;
    const acknowledgeOnce = (): void => {
      if (!isAcknowledged && closeReason === undefined) acknowledge();
      isAcknowledged = true;
    };
    for (const [name, json] of entries) {
      const subDevice = this.#enter(name, defaultType);
      try {
        if (subDevice) process(subDevice.device, json);
        if (subDevice) this.#subDevices.recordActivity(subDevice);
        const isThrough = !(isArray(json) && json.length === 0);
        if (isThrough) remaining--;
        if (!subDevice || remaining === 0) acknowledgeOnce();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (error instanceof RateLimitFault) acknowledgeOnce();
        closeReason ??= `${name}: ${error.message}`;
      }
    }
    if (closeReason !== undefined) this.#options.close(closeReason);
  }

  /** @returns undefined: there is no such device, and cannot be */
  #enter(name: string, type: string): SubDevice | undefined {
    const connected = this.#subDevices.get(name);
    if (connected) return connected;
    const subDevice = this.#subDevices.open(name, type);
    if (subDevice) this.#answers.push(() => this.#context.rpc.resend(subDevice.deviceId));
    return subDevice;
  }

  #saveTelemetry(device: Device, samples: readonly Json[]): void {
    const now = Date.now();
    const { groups, times } = gatewayTelemetry(samples, now);
    for (const one of times) this.#context.gatewayMetrics.add(this.#device.id, one, now);
    this.#options.limits.spend(pointCount(groups));
    if (groups.length > 0) recordTelemetry(this.#context, device, groups);
    else this.#reportIgnored(gatewayTopics.telemetry, "an empty array is never acknowledged");
  }

  #saveAttributes(device: Device, values: JsonObject): void {
    const entries = valueEntries(values);
    this.#options.limits.spend(entries.length);
    recordAttributes(this.#context, device, entries);
  }

  #offerClaim(device: Device, claim: JsonObject): void {
    const { secretKey, duration } = claimOf(claim);
    this.#options.limits.spend();
    this.#context.claiming.offer(device.id, secretKey, duration);
  }

  #requestAttributes(device: Device, request: AttributesRequest): void {
    this.#options.limits.spend();
    this.#context.onEvent({ event: "attributes.requested", device: device.name, id: request.id });
    const json = gatewayAttributeResponse(request, device, this.#context.store.attributes);
    if (json === undefined) return;
    this.#answers.push(() => this.#options.downlink.publish(gatewayTopics.attributesResponse, json));
  }

  #answerRpc(device: Device, { id, data }: RpcResponse): void {
    this.#options.limits.spend();
    this.#context.rpc.answer(device.id, id, data);
  }

  #reportIgnored(topic: string, reason: string): void {
    this.#context.onEvent({ event: "publish.ignored", device: this.#device.name, topic, reason });
  }
}

function isArray(json: Json): json is Json[] {
  return Array.isArray(json);
}

function isObject(json: Json): json is JsonObject {
  return json instanceof Map;
}
