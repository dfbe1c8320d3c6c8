import type { ServerContext } from "../core/context.js";
import { PayloadFault, TransportFault } from "../core/faults.js";
import { parseObjectPayload, parsePayload, telemetryGroups, valueEntries } from "../core/payload.js";
import type { JsonOutput } from "../json/json.js";
import type { Device } from "../store/devices.js";
import { attributeResponse } from "./attribute-request.js";
import { parseClaim } from "./claim-message.js";
import { ClientRpc, parseClientRpc, type RpcRule } from "./client-rpc.js";
import type { Downlink } from "./downlink.js";
import { PackageDownloads } from "./package-downloads.js";
import type { RateLimits } from "./rate-limits.js";
import { pointCount, recordAttributes, recordTelemetry } from "./record.js";
import { type Flavour, parseId, topics, type Uplink, uplinkOf } from "./topics.js";

/** Told to devices by `getSessionLimits`. */
const maxInflightMessages = 100;

export interface UplinkOptions {
  readonly maxPayloadSize: number;
  readonly clientRpcTimeout: number;
  readonly rules: Readonly<Record<string, RpcRule>>;
}

/** What becomes of a PUBLISH: whether it gets a PUBACK at QoS 1 now, and whether it is a sign of life. */
export type Reception = "acknowledge" | "stay silent" | "ignore";

/** What one device publishes, and the answers to it. */
export class Uplinks {
  readonly #device: Device;
  readonly #context: ServerContext;
  readonly #limits: RateLimits;
  readonly #downlink: Downlink;
  readonly #clientRpc: ClientRpc;
  readonly #downloads: PackageDownloads;
  #attributeResponseFlavour: Flavour = "v1";
  #rpcResponseFlavour: Flavour = "v1";

  constructor(
    device: Device,
    context: ServerContext,
    limits: RateLimits,
    limitsJson: { readonly [member: string]: JsonOutput },
    downlink: Downlink,
    { rules, clientRpcTimeout, maxPayloadSize }: UplinkOptions,
    close: (reason: string) => void,
  ) {
    this.#device = device;
    this.#context = context;
    this.#limits = limits;
    this.#downlink = downlink;
    this.#downloads = new PackageDownloads(device, context, limits, downlink, { maxChunkSize: maxPayloadSize, close });
    this.#clientRpc = new ClientRpc({
      rules,
      timeout: clientRpcTimeout,
      sessionLimits: { maxPayloadSize, maxInflightMessages, ...limitsJson },
      respond: (id, json) => this.#sendLater(() => topics[this.#rpcResponseFlavour].rpcResponse + id, json),
    });
  }

  /** To be called when the connection is gone. */
  ended(): void {
    this.#clientRpc.close();
  }

  /**
   * @param acknowledge sends the PUBACK at QoS 1, where that is not for the caller to do
   * @throws {Fault}
   */
  receive(topic: string, payload: string, acknowledge: () => void): Reception {
    const uplink = uplinkOf(topic);
    switch (uplink.kind) {
      case "telemetry":
        return this.#saveTelemetry(topic, payload);
      case "chunkRequest":
        this.#requestChunk(uplink, payload, acknowledge);
        // Faithful: a session that does nothing else is closed as if it were dead.
        return "ignore";
      case "gateway":
        this.reportIgnored(topic, "the device is not a gateway");
        return "ignore";
      case "unknown":
        this.reportIgnored(topic, "unknown topic");
        return "acknowledge";
      default:
        this.#process(uplink, payload);
        return "acknowledge";
    }
  }

  reportIgnored(topic: string, reason: string): void {
    this.#context.onEvent({ event: "publish.ignored", device: this.#device.name, topic, reason });
  }

  #process(
    uplink: Exclude<Uplink, { kind: "telemetry" | "chunkRequest" | "gateway" | "unknown" }>,
    payload: string,
  ): void {
    switch (uplink.kind) {
      case "attributes":
        this.#saveAttributes(payload);
        break;
      case "attributeRequest":
        this.#requestAttributes(uplink.id, uplink.flavour, payload);
        break;
      case "rpcResponse":
        this.#answerRpc(uplink.id, payload);
        break;
      case "rpcRequest":
        this.#callServer(uplink.id, uplink.flavour, payload);
        break;
      case "claim":
        this.#offerClaim(payload);
        break;
      case "protobuf":
        throw new PayloadFault("the device profile has no protobuf schema");
    }
  }

  #saveTelemetry(topic: string, payload: string): Reception {
    const groups = telemetryGroups(parsePayload(payload), Date.now());
    this.#limits.spend(pointCount(groups));
    if (groups.length === 0) {
      this.reportIgnored(topic, "an empty array is never acknowledged");
      return "stay silent";
    }
    recordTelemetry(this.#context, this.#device, groups);
    return "acknowledge";
  }

  #requestChunk(
    { type, id, chunk: text }: Extract<Uplink, { kind: "chunkRequest" }>,
    size: string,
    acknowledge: () => void,
  ): void {
    const chunk = parseId(text);
    if (chunk === undefined) throw new TransportFault("the index of a chunk must be an integer");
    this.#downloads.request({ type, id, chunk, acknowledge }, size);
  }

  #saveAttributes(payload: string): void {
    const entries = valueEntries(parseObjectPayload(payload));
    this.#limits.spend(entries.length);
    recordAttributes(this.#context, this.#device, entries);
  }

  #requestAttributes(idText: string, flavour: Flavour, payload: string): void {
    const id = parseId(idText);
    if (id === undefined) throw new PayloadFault("the request id must be an integer");
    const json = attributeResponse(payload, this.#device.id, this.#context.store.attributes);
    this.#limits.spend();
    this.#attributeResponseFlavour = flavour;
    this.#context.onEvent({ event: "attributes.requested", device: this.#device.name, id });
    if (json === undefined || id < 0) return;
    this.#sendLater(() => topics[this.#attributeResponseFlavour].attributeResponse + id, json);
  }

  #answerRpc(idText: string, payload: string): void {
    const id = parseId(idText);
    if (id === undefined) throw new PayloadFault("the id of an RPC response must be an integer");
    this.#limits.spend();
    this.#context.rpc.answer(this.#device.id, id, payload);
  }

  #callServer(idText: string, flavour: Flavour, payload: string): void {
    const request = parseClientRpc(payload);
    const id = parseId(idText);
    if (id === undefined) throw new TransportFault("the id of an RPC request must be an integer");
    this.#limits.spend();
    this.#rpcResponseFlavour = flavour;
    this.#context.onEvent({ event: "rpc.called", device: this.#device.name, id, method: request.method });
    this.#clientRpc.call(id, request, flavour);
  }

  #offerClaim(payload: string): void {
    const { secretKey, duration } = parseClaim(payload);
    this.#limits.spend();
    this.#context.claiming.offer(this.#device.id, secretKey, duration);
  }

  /** After the PUBACK of the request, as a device of a real server mostly sees it. */
  #sendLater(topic: () => string, json: string): void {
    setImmediate(() => this.#downlink.publish(topic(), json));
  }
}
