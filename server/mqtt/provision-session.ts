import type { IConnectPacket, IPublishPacket, Packet } from "mqtt-packet";
import { Fault, PayloadFault } from "../core/faults.js";
import type { Provisioning } from "../core/provisioning.js";
import { Downlink } from "./downlink.js";
import { emptyRequest, parseProvisionRequest, provisionJson, provisionProtobuf } from "./provision-message.js";
import { filterRefused } from "./topics.js";
import type { Wire } from "./wire.js";

/** The user name, or client id, of a device that has no credentials yet. */
const provisionName = "provision";

const requestTopic = "/provision/request";
const responseTopic = "/provision/response";

/** It wins over any credentials that come with it. */
export function isProvisioning({ clientId, username }: IConnectPacket): boolean {
  return username === provisionName || clientId === provisionName;
}

/** A connection on which a device can ask for credentials, and for nothing else. It belongs to no device. */
export class ProvisionSession {
  readonly #wire: Wire;
  readonly #provisioning: Provisioning;
  readonly #closeDelay: number;
  readonly #downlink: Downlink;
  #closing: NodeJS.Timeout | undefined;
  #isProtobuf = false;

  /** @param closeDelay the connection ends so long after the first answer */
  constructor(wire: Wire, provisioning: Provisioning, closeDelay: number) {
    this.#wire = wire;
    this.#provisioning = provisioning;
    this.#closeDelay = closeDelay;
    this.#downlink = new Downlink(wire);
  }

  /** To be called when the connection is gone. */
  ended(): void {
    clearTimeout(this.#closing);
  }

  handle(packet: Packet): void {
    switch (packet.cmd) {
      case "publish":
        this.#receive(packet);
        break;
      case "subscribe": {
        const granted = packet.subscriptions.map(({ topic, qos }) => {
          return topic === responseTopic ? this.#downlink.grant(topic, qos) : filterRefused;
        });
        this.#wire.send({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
        break;
      }
      case "unsubscribe":
        for (const filter of packet.unsubscriptions) this.#downlink.revoke(filter);
        this.#wire.send({ cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
        break;
      case "pingreq":
        this.#wire.send({ cmd: "pingresp" });
        break;
      case "disconnect":
        this.#wire.close("device sent DISCONNECT");
        break;
    }
  }

  #receive(packet: IPublishPacket): void {
    if (packet.topic !== requestTopic) {
      this.#acknowledge(packet);
      this.#wire.close(`${packet.topic}: nothing but ${requestTopic} can be published here`);
      return;
    }
    try {
      this.#answer(packet);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // Faithful: of all faults only a payload that is no JSON object is not acknowledged.
      if (!(error instanceof PayloadFault)) this.#acknowledge(packet);
      this.#wire.close(`${requestTopic}: ${error.message}`);
    }
  }

  #answer(packet: IPublishPacket): void {
    const isEmpty = packet.payload.length === 0;
    const request = isEmpty ? emptyRequest : parseProvisionRequest(packet.payload.toString());
    const outcome = this.#provisioning.provision(request);
    // Faithful: what was asked in protobuf once is answered in protobuf for ever.
    this.#isProtobuf ||= isEmpty;
    this.#acknowledge(packet);
    this.#downlink.publish(responseTopic, this.#isProtobuf ? provisionProtobuf(outcome) : provisionJson(outcome));
    this.#closing ??= setTimeout(() => this.#wire.close("time to connect as a device"), this.#closeDelay).unref();
  }

  #acknowledge({ qos, messageId }: IPublishPacket): void {
    if (qos > 0) this.#wire.send({ cmd: "puback", messageId: messageId ?? 0 });
  }
}
