import type { IPublishPacket, ISubscribePacket, IUnsubscribePacket, Packet } from "mqtt-packet";
import type { ServerContext } from "../core/context.js";
import { Fault, GatewayFault, TransportFault } from "../core/faults.js";
import { isGateway } from "../core/gateway-info.js";
import type { Delivery, RpcMessage, Session } from "../core/sessions.js";
import type { Device } from "../store/devices.js";
import { Downlink } from "./downlink.js";
import { Gateway } from "./gateway.js";
import { isGatewayTopic } from "./gateway-topics.js";
import type { LimitBook } from "./limit-book.js";
import type { RateLimits } from "./rate-limits.js";
import { type Flavour, filterRefused, subscriptionOf, topics } from "./topics.js";
import { type Reception, type UplinkOptions, Uplinks } from "./uplinks.js";
import type { Wire } from "./wire.js";

export interface SessionOptions extends UplinkOptions {
  readonly sessionTimeout: number;
  readonly limits: LimitBook;
}

/** One connected device. All state dies with the connection. */
export class DeviceSession implements Session {
  readonly deviceId: string;
  readonly #device: Device;
  readonly #wire: Wire;
  readonly #context: ServerContext;
  readonly #limits: RateLimits;
  readonly #downlink: Downlink;
  readonly #uplinks: Uplinks;
  /** Undefined: the device was no gateway when it connected. */
  readonly #gateway: Gateway | undefined;
  readonly #inactivity: NodeJS.Timeout;
  #attributesFlavour: Flavour | undefined;
  #rpcFlavour: Flavour | undefined;

  constructor(wire: Wire, device: Device, context: ServerContext, options: SessionOptions) {
    const { limits, sessionTimeout } = options;
    const close = (reason: string): void => this.close(reason);
    this.deviceId = device.id;
    this.#device = device;
    this.#wire = wire;
    this.#context = context;
    this.#limits = limits.of(device);
    const downlink = new Downlink(wire);
    this.#downlink = downlink;
    this.#uplinks = new Uplinks(device, context, this.#limits, limits.json(device), downlink, options, close);
    if (isGateway(device)) {
      const subDeviceOptions = { downlink, limits: limits.ofSubDevices(device), sessionTimeout, close };
      this.#gateway = new Gateway(device, context, subDeviceOptions);
    }
    this.#inactivity = setTimeout(() => this.close("session timeout"), sessionTimeout).unref();
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

  sendRpc({ id, method, params }: RpcMessage, onAcknowledged: () => void): Delivery {
    const topic = topics[this.#rpcFlavour ?? "v1"].rpcRequest + id;
    const json = `{"method":${JSON.stringify(method)},"params":${params}}`;
    return this.#downlink.publish(topic, json, onAcknowledged) === 0 ? "done" : "to be acknowledged";
  }

  close(reason: string): void {
    this.#wire.close(reason);
  }

  /** To be called when the connection is gone. */
  ended(): void {
    clearTimeout(this.#inactivity);
    this.#uplinks.ended();
    this.#gateway?.ended();
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

  #receive({ topic, payload, qos, messageId }: IPublishPacket, wasQueued: boolean): void {
    // Faithful: QoS 2 too is answered by a PUBACK.
    const acknowledge = (): void => {
      if (qos > 0) this.#wire.send({ cmd: "puback", messageId: messageId ?? 0 });
    };
    try {
      const reception = this.#process(topic, payload.toString(), acknowledge);
      if (reception !== "ignore") this.#recordActivity();
      if (reception === "acknowledge") acknowledge();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // Faithful: what makes the transport throw is swallowed if the message had to wait for the CONNACK.
      if (error instanceof GatewayFault) acknowledge();
      if (error instanceof TransportFault && wasQueued) this.#uplinks.reportIgnored(topic, error.message);
      else this.close(`${topic}: ${error.message}`);
    }
  }

  #process(topic: string, payload: string, acknowledge: () => void): Reception {
    if (!this.#gateway || !isGatewayTopic(topic)) return this.#uplinks.receive(topic, payload, acknowledge);
    this.#gateway.receive(topic, payload, acknowledge);
    return "stay silent";
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

  #recordActivity(): void {
    this.#inactivity.refresh();
    this.#context.state.recordActivity(this.deviceId);
    this.#gateway?.recordActivity();
  }
}
