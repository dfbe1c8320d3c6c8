// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import type { IConnectPacket, IPublishPacket, Packet } from "mqtt-packet";
import { Wire } from "../../../server/mqtt/wire.js";
import { isMatch, topicOf } from "./topic.js";
import type { ServiceUser } from "./user.js";

/** What Artemis takes: nothing that MQTT has is larger. */
const maxPacketSize = 268_435_455;

export type Qos = 0 | 1 | 2;

export interface ClientOwner {
  received(client: Client, packet: Packet): void;
  /** Called once, whoever closed. */
  closed(client: Client, reason: string): void;
}

/** One connection, and what the manager knows of it. */
export class Client {
  /** Empty until CONNECT. */
  clientId = "";
  /** Undefined while anonymous. */
  user: ServiceUser | undefined;
  /** 3 is MQTT 3.1, 4 is MQTT 3.1.1. */
  protocolVersion = 4;
  isConnected = false;
  keepsSession = false;
  will: IConnectPacket["will"];
  /** Milliseconds without a packet after which the connection is dropped. */
  timeout = 0;
  /** QoS by filter. */
  subscriptions = new Map<string, Qos>();
  /** Until when publishing on a topic needs no permission any more, by topic. */
  readonly permissions = new Map<string, number>();
  /** Ids of messages of QoS 2 that were not released. */
  readonly unreleased = new Set<number>();
  /** Ids of messages of QoS 1 to the client that it has not acknowledged. They are not sent again. */
  readonly unacknowledged = new Set<number>();
  readonly remote: string;
  readonly #wire: Wire;
  #timer: NodeJS.Timeout | undefined;
  #packetId = 0;

  constructor(socket: Socket, owner: ClientOwner) {
    this.#wire = new Wire({
      socket,
      maxPayloadSize: maxPacketSize,
      onPacket: (packet) => {
        this.#timer?.refresh();
        owner.received(this, packet);
      },
      onClose: (reason) => {
        clearTimeout(this.#timer);
        owner.closed(this, reason);
      },
    });
    this.remote = this.#wire.remote;
  }

  get isOpen(): boolean {
    return this.#wire.isOpen;
  }

  /** Starts to watch for silence. */
  watch(timeout: number): void {
    this.timeout = timeout;
    this.#timer = setTimeout(() => this.close("keep-alive timeout"), timeout).unref();
  }

  send(packet: Packet, protocolVersion?: number): void {
    this.#wire.send(packet, protocolVersion);
  }

  /** One copy for every subscription that matches. @returns their number */
  deliver(topic: string, payload: string, qos: 0 | 1): number {
    const tokens = topicOf(topic);
    let copies = 0;
    for (const [filter, granted] of this.subscriptions) {
      if (!isMatch(topicOf(filter), tokens)) continue;
      copies += 1;
      this.#publish(topic, payload, Math.min(qos, granted) as 0 | 1);
    }
    return copies;
  }

  close(reason: string): void {
    this.#wire.close(reason);
  }

  #publish(topic: string, payload: string, qos: 0 | 1): void {
    const packet: IPublishPacket = { cmd: "publish", topic, payload, qos, dup: false, retain: false };
    if (qos > 0) {
      this.#packetId = (this.#packetId % 0xffff) + 1;
      packet.messageId = this.#packetId;
      this.unacknowledged.add(this.#packetId);
    }
    this.send(packet);
  }
}
