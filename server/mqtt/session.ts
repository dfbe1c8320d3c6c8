import type { IPublishPacket, ISubscribePacket, IUnsubscribePacket, Packet } from "mqtt-packet";
import type { ServerContext } from "../core/context.js";
import { KeyError } from "../core/device-data.js";
import { Fault, PayloadFault, TransportFault } from "../core/faults.js";
import { parseObjectPayload, parsePayload, telemetryGroups, valueEntries } from "../core/payload.js";
import type { Session } from "../core/sessions.js";
import type { Device } from "../store/devices.js";
import { attributeResponse } from "./attribute-request.js";
import { ClientRpc, parseClientRpc, type RpcRule } from "./client-rpc.js";
import { Downlink } from "./downlink.js";
import type { Limits, RateLimits } from "./rate-limits.js";
import { type Flavour, filterRefused, parseId, subscriptionOf, topics, type Uplink, uplinkOf } from "./topics.js";
import type { Wire } from "./wire.js";

/** Told to devices by `getSessionLimits`. */
const maxInflightMessages = 100;

export interface SessionOptions {
  readonly maxPayloadSize: number;
  readonly sessionTimeout: number;
  readonly clientRpcTimeout: number;
  readonly limits: Limits;
  readonly rules: Readonly<Record<string, RpcRule>>;
}

/** Whether a PUBLISH at QoS 1 gets a PUBACK. */
type Acknowledgement = "acknowledge" | "stay silent";

/** One connected device. All state dies with the connection. */
export class DeviceSession implements Session {
  readonly deviceId: string;
  readonly #device: Device;
  readonly #wire: Wire;
  readonly #context: ServerContext;
  readonly #limits: RateLimits;
  readonly #downlink: Downlink;
  readonly #clientRpc: ClientRpc;
  readonly #inactivity: NodeJS.Timeout;
  #attributesFlavour: Flavour | undefined;
  #rpcFlavour: Flavour | undefined;
  #attributeResponseFlavour: Flavour = "v1";
  #rpcResponseFlavour: Flavour = "v1";

  constructor(wire: Wire, device: Device, context: ServerContext, limits: RateLimits, options: SessionOptions) {
    this.deviceId = device.id;
    this.#device = device;
    this.#wire = wire;
    this.#context = context;
    this.#limits = limits;
    this.#downlink = new Downlink(wire);
    this.#clientRpc = new ClientRpc({
      rules: options.rules,
      timeout: options.clientRpcTimeout,
      sessionLimits: { maxPayloadSize: options.maxPayloadSize, maxInflightMessages, rateLimits: { ...options.limits } },
      respond: (id, json) => this.#sendLater(() => topics[this.#rpcResponseFlavour].rpcResponse + id, json),
    });
    this.#inactivity = setTimeout(() => this.close("session timeout"), options.sessionTimeout).unref();
  }

  get isSubscribedToAttributes(): boolean {
    return this.#attributesFlavour !== undefined;
  }

  get isSubscribedToRpc(): boolean {
    return this.#rpcFlavour !== undefined;
  }

  sendAttributeUpdate(json: string): void {
    this.#downlink.publish(topics[this.#attributesFlavour ?? "v1"].attributes, json);
  }

  sendRpc(id: number, json: string, onAcknowledged: () => void): 0 | 1 {
    return this.#downlink.publish(topics[this.#rpcFlavour ?? "v1"].rpcRequest + id, json, onAcknowledged);
  }

  close(reason: string): void {
    this.#wire.close(reason);
  }

  /** To be called when the connection is gone. */
  ended(): void {
    clearTimeout(this.#inactivity);
    this.#clientRpc.close();
  }

  /** @param wasQueued whether the packet arrived before the CONNACK was sent */
  handle(packet: Packet, wasQueued: boolean): void {
    switch (packet.cmd) {
      case "publish":
        this.#receive(packet, wasQueued);
        break;
      case "subscribe":
        this.#subscribe(packet);
        break;
      case "unsubscribe":
        this.#unsubscribe(packet);
        break;
      case "puback":
        this.#recordActivity();
        this.#downlink.acknowledge(packet.messageId ?? 0);
        break;
      case "pingreq":
        this.#recordActivity();
        this.#wire.send({ cmd: "pingresp" });
        break;
      case "disconnect":
        this.close("device sent DISCONNECT");
        break;
    }
  }

  #receive(packet: IPublishPacket, wasQueued: boolean): void {
    try {
      const acknowledgement = this.#process(packet);
      // Faithful: QoS 2 too is answered by a PUBACK.
      if (packet.qos === 0 || acknowledgement === "stay silent") return;
      this.#wire.send({ cmd: "puback", messageId: packet.messageId ?? 0 });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // Faithful: what makes the transport throw is swallowed if the message had to wait for the CONNACK.
      if (error instanceof TransportFault && wasQueued) this.#reportIgnored(packet.topic, error.message);
      else this.close(`${packet.topic}: ${error.message}`);
    }
  }

  #process({ topic, payload }: IPublishPacket): Acknowledgement {
    const uplink = uplinkOf(topic);
    if (uplink.kind === "gateway") {
      this.#reportIgnored(topic, "the device is not a gateway");
      return "stay silent";
    }
    const acknowledgement = this.#processUplink(uplink, topic, payload.toString());
    this.#recordActivity();
    return acknowledgement;
  }

  #processUplink(uplink: Exclude<Uplink, { kind: "gateway" }>, topic: string, payload: string): Acknowledgement {
    switch (uplink.kind) {
      case "telemetry":
        return this.#saveTelemetry(topic, payload);
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
      case "protobuf":
        throw new PayloadFault("the device profile has no protobuf schema");
      case "unknown":
        this.#reportIgnored(topic, "unknown topic");
        break;
    }
    return "acknowledge";
  }

  #saveTelemetry(topic: string, payload: string): Acknowledgement {
    const groups = telemetryGroups(parsePayload(payload), Date.now());
    const keys = groups.flatMap(({ entries }) => entries.map(([key]) => key));
    this.#limits.spend(keys.length);
    if (groups.length === 0) {
      this.#reportIgnored(topic, "an empty array is never acknowledged");
      return "stay silent";
    }
    this.#save(() => this.#context.data.saveTelemetry(this.deviceId, groups));
    this.#context.onEvent({
      event: "telemetry",
      device: this.#device.name,
      points: keys.length,
      keys: [...new Set(keys)],
    });
    return "acknowledge";
  }

  #saveAttributes(payload: string): void {
    const entries = valueEntries(parseObjectPayload(payload));
    this.#limits.spend(entries.length);
    this.#save(() => this.#context.data.saveAttributes(this.deviceId, "CLIENT_SCOPE", entries));
    const keys = entries.map(([key]) => key);
    this.#context.onEvent({ event: "attributes.published", device: this.#device.name, keys });
  }

  /** A device never learns that what it sent could not be stored. */
  #save(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
      this.#context.onEvent({ event: "save.rejected", device: this.#device.name, reason: error.message });
    }
  }

  #requestAttributes(idText: string, flavour: Flavour, payload: string): void {
    const id = parseId(idText);
    if (id === undefined) throw new PayloadFault("the request id must be an integer");
    const json = attributeResponse(payload, this.deviceId, this.#context.store.attributes);
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
    this.#context.rpc.answer(this.deviceId, id, payload);
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

  #subscribe({ messageId, subscriptions }: ISubscribePacket): void {
    this.#recordActivity();
    let isRpc = false;
    const granted = subscriptions.map(({ topic: filter, qos }) => {
      const subscription = subscriptionOf(filter);
      const code = subscription ? this.#downlink.grant(filter, qos) : filterRefused;
      this.#context.onEvent({ event: "subscribed", device: this.#device.name, filter, code });
      // Faithful: over the limit a subscription is granted all the same, and without effect.
      if (!subscription || subscription.kind === "none" || !this.#limits.trySpend()) return code;
      if (subscription.kind === "attributes") this.#attributesFlavour = subscription.flavour;
      else this.#rpcFlavour = subscription.flavour;
      isRpc ||= subscription.kind === "rpc";
      return code;
    });
    this.#wire.send({ cmd: "suback", messageId: messageId ?? 0, granted });
    if (isRpc) this.#context.rpc.resend(this.deviceId);
  }

  #unsubscribe({ messageId, unsubscriptions }: IUnsubscribePacket): void {
    this.#recordActivity();
    for (const filter of unsubscriptions) {
      const kind = subscriptionOf(filter)?.kind;
      this.#downlink.revoke(filter);
      if (kind === "attributes") this.#attributesFlavour = undefined;
      if (kind === "rpc") this.#rpcFlavour = undefined;
    }
    this.#wire.send({ cmd: "unsuback", messageId: messageId ?? 0, granted: [] });
  }

  /** After the PUBACK of the request, as a device of a real server mostly sees it. */
  #sendLater(topic: () => string, json: string): void {
    setImmediate(() => this.#downlink.publish(topic(), json));
  }

  #recordActivity(): void {
    this.#inactivity.refresh();
    this.#context.state.recordActivity(this.deviceId);
  }

  #reportIgnored(topic: string, reason: string): void {
    this.#context.onEvent({ event: "publish.ignored", device: this.#device.name, topic, reason });
  }
}
