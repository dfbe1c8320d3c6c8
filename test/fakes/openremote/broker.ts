// SPDX-License-Identifier: Apache-2.0

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { IConnectPacket, IPublishPacket, ISubscribePacket, IUnsubscribePacket, Packet } from "mqtt-packet";
import type { Identity } from "../certificates.js";
import { Client, type Qos } from "./client.js";
import type { Denial, Handler } from "./handler.js";
import type { LogSink } from "./log.js";
import { type Topic, topicOf } from "./topic.js";
import type { Users } from "./users.js";

const identifierRejected = 2;
const notAuthorised = 5;
const unsupportedProtocolVersion = 0x84;
const subscriptionRefused = 0x80;

/** What a client was sent. */
export interface SentMessage {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: string;
  /** One for every subscription that matches. */
  readonly copies: number;
}

export interface BrokerOptions {
  readonly users: Users;
  readonly log: LogSink;
  readonly now: () => number;
  /** Seconds; what a client asks for counts from 1 to this. */
  readonly serverKeepAlive: number;
  /** Milliseconds for which a permission to publish is remembered. */
  readonly permissionLifetime: number;
  /** Called for every message that was sent to a client, once however many copies. */
  readonly onSent: (message: SentMessage) => void;
  /** Called when a client got its CONNACK, and when it is gone. */
  readonly onPresence: (client: Client) => void;
  /** Called when something changed that a test may wait for. */
  readonly onActivity: () => void;
}

/** Apache Artemis as the manager sets it up. */
export class Broker {
  /** In the order in which they are asked. */
  readonly handlers: Handler[] = [];
  /** All connections, also those before CONNECT. */
  readonly connections = new Set<Client>();
  readonly #options: BrokerOptions;
  readonly #servers: Server[] = [];
  /** Of connections, also of those whose TLS handshake is not over. */
  readonly #sockets = new Set<Socket>();
  readonly #attached = new Map<string, Client>();
  /** Subscriptions of clients that asked to keep them, by client id. */
  readonly #sessions = new Map<string, Map<string, Qos>>();

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** Clients with a CONNACK. */
  get clients(): Client[] {
    return [...this.#attached.values()];
  }

  /** @returns the port */
  async listen(port: number, identity?: Identity): Promise<number> {
    const accept = (socket: Socket): void => this.#accept(socket);
    const server = identity
      ? createTlsServer({ cert: identity.certificate, key: identity.privateKey }, accept)
      : createServer(accept);
    server.on("tlsClientError", (_, socket: Socket) => socket.destroy());
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = this.#servers.splice(0).map((server) => once(server.close(), "close"));
    for (const client of this.connections) client.close("manager stopped");
    for (const socket of this.#sockets) socket.destroySoon();
    await Promise.all(closed);
  }

  /** To all whose subscriptions match. */
  publish(topic: string, payload: string, qos: 0 | 1 = 0): void {
    for (const client of this.clients) {
      const copies = client.deliver(topic, payload, qos);
      if (copies > 0) this.#options.onSent({ clientId: client.clientId, topic, payload, copies });
    }
    this.#options.onActivity();
  }

  /** Closes a connection without a reason, and forgets its session. */
  forceDisconnect(client: Client, reason: string): void {
    client.keepsSession = false;
    client.close(reason);
  }

  #accept(socket: Socket): void {
    const client = new Client(socket, {
      received: (sender, packet) => this.#receive(sender, packet),
      closed: (sender, reason) => this.#closed(sender, reason),
    });
    this.connections.add(client);
  }

  #receive(client: Client, packet: Packet): void {
    if (packet.cmd === "connect") this.#connect(client, packet);
    else if (client.isConnected) this.#handle(client, packet);
    else client.close(`${packet.cmd} before CONNECT`);
    this.#options.onActivity();
  }

  #handle(client: Client, packet: Packet): void {
    switch (packet.cmd) {
      case "publish":
        this.#receivePublish(client, packet);
        break;
      case "puback":
        client.unacknowledged.delete(packet.messageId ?? 0);
        break;
      case "pubrel":
        client.unreleased.delete(packet.messageId ?? 0);
        client.send({ cmd: "pubcomp", messageId: packet.messageId ?? 0 });
        break;
      case "subscribe":
        this.#subscribe(client, packet);
        break;
      case "unsubscribe":
        this.#unsubscribe(client, packet);
        break;
      case "pingreq":
        client.send({ cmd: "pingresp" });
        break;
      case "disconnect":
        client.will = undefined;
        client.close("client sent DISCONNECT");
        break;
    }
  }

  #connect(client: Client, packet: IConnectPacket): void {
    const { username, password } = packet;
    if (client.isConnected) {
      client.close("second CONNECT");
      return;
    }
    client.clientId = packet.clientId;
    if (packet.protocolVersion === 5) {
      // A real manager takes MQTT 5. This one would only pretend to.
      client.send({ cmd: "connack", reasonCode: unsupportedProtocolVersion, sessionPresent: false }, 5);
      this.#refuse(client, "MQTT 5 is not part of the fake");
    } else {
      client.protocolVersion = packet.protocolVersion ?? client.protocolVersion;
      client.user = password == null ? undefined : this.#options.users.authenticate(username ?? "", String(password));
      if (password != null && !client.user) this.#refuse(client, "bad credentials", notAuthorised);
      else if (packet.clientId === "" && !packet.clean) this.#refuse(client, "no client id", identifierRejected);
      else this.#attach(client, packet);
    }
  }

  #attach(client: Client, packet: IConnectPacket): void {
    client.clientId = packet.clientId === "" ? randomUUID() : packet.clientId;
    if (this.#attached.has(client.clientId)) {
      this.#refuse(client, "client id is in use");
      return;
    }
    if (packet.clean) this.#sessions.delete(client.clientId);
    const session = this.#sessions.get(client.clientId);
    const denied = [...(session?.keys() ?? [])].find((filter) => this.#denial(client, topicOf(filter), "canSubscribe"));
    if (denied !== undefined) {
      this.#refuse(client, `kept subscription is denied: ${denied}`);
      return;
    }
    this.#attached.set(client.clientId, client);
    client.isConnected = true;
    client.keepsSession = !packet.clean;
    client.will = packet.will;
    client.subscriptions = session ?? client.subscriptions;
    if (client.keepsSession) this.#sessions.set(client.clientId, client.subscriptions);
    client.watch(this.#keepAliveOf(packet) * 1500);
    client.send({ cmd: "connack", returnCode: 0, sessionPresent: session !== undefined });
    for (const filter of client.subscriptions.keys()) this.#subscribed(client, topicOf(filter));
    for (const handler of this.handlers) handler.connected?.(client);
    this.#options.onPresence(client);
  }

  /** @param code none: the connection is closed without a CONNACK */
  #refuse(client: Client, reason: string, code?: number): void {
    this.#options.log({ kind: "refused", clientId: client.clientId, reason });
    if (code !== undefined) client.send({ cmd: "connack", returnCode: code, sessionPresent: false });
    client.close(`refused: ${reason}`);
  }

  #keepAliveOf({ keepalive = 0 }: IConnectPacket): number {
    const { serverKeepAlive } = this.#options;
    return keepalive > 0 && keepalive <= serverKeepAlive ? keepalive : serverKeepAlive;
  }

  #receivePublish(client: Client, { topic, payload, qos, messageId = 0 }: IPublishPacket): void {
    const tokens = topicOf(topic);
    const denial = this.#publishDenial(client, tokens, topic);
    if (denial) this.#options.log({ kind: "denied", clientId: client.clientId, topic, reason: denial });
    if (denial && client.protocolVersion === 4) {
      client.close(`PUBLISH on ${topic}: ${denial}`);
      return;
    }
    const isRepeated = qos === 2 && client.unreleased.has(messageId);
    if (qos === 2) client.unreleased.add(messageId);
    if (qos > 0) client.send({ cmd: qos === 1 ? "puback" : "pubrec", messageId });
    if (!denial && !isRepeated) this.#handlerOf(tokens)?.publish(client, tokens, Buffer.from(payload));
  }

  #subscribe(client: Client, { subscriptions, messageId = 0 }: ISubscribePacket): void {
    const granted = subscriptions.map(({ topic, qos }) => {
      const filter = topicOf(topic);
      const reason = this.#denial(client, filter, "canSubscribe");
      if (!reason) {
        const isNew = !client.subscriptions.has(topic);
        client.subscriptions.set(topic, qos);
        if (isNew) this.#subscribed(client, filter);
        return qos;
      }
      this.#options.log({ kind: "denied", clientId: client.clientId, topic, reason });
      return client.protocolVersion === 4 ? subscriptionRefused : qos;
    });
    client.send({ cmd: "suback", messageId, granted });
  }

  #subscribed(client: Client, filter: Topic): void {
    this.#handlerOf(filter)?.subscribed?.(client, filter);
  }

  #unsubscribe(client: Client, { unsubscriptions, messageId = 0 }: IUnsubscribePacket): void {
    for (const filter of unsubscriptions) {
      const existed = client.subscriptions.delete(filter);
      const tokens = topicOf(filter);
      if (existed) this.#handlerOf(tokens)?.unsubscribed?.(client, tokens);
    }
    client.send({ cmd: "unsuback", messageId, granted: [] });
  }

  #publishDenial(client: Client, tokens: Topic, topic: string): Denial {
    const { now, permissionLifetime } = this.#options;
    if ((client.permissions.get(topic) ?? 0) > now()) return undefined;
    const denial = this.#denial(client, tokens, "canPublish");
    if (!denial) client.permissions.set(topic, now() + permissionLifetime);
    return denial;
  }

  #denial(client: Client, topic: Topic, question: "canSubscribe" | "canPublish"): Denial {
    const handler = this.#handlerOf(topic);
    return handler ? handler[question](client, topic) : "no such topic";
  }

  #handlerOf(topic: Topic): Handler | undefined {
    return this.handlers.find((handler) => handler.owns(topic));
  }

  #closed(client: Client, reason: string): void {
    this.connections.delete(client);
    this.#options.log({ kind: "closed", clientId: client.clientId, reason });
    if (client.isConnected) this.#detach(client);
    this.#options.onActivity();
  }

  #detach(client: Client): void {
    this.#attached.delete(client.clientId);
    if (client.will) this.#fireWill(client, client.will.topic, Buffer.from(client.will.payload));
    if (!client.keepsSession) this.#sessions.delete(client.clientId);
    for (const handler of this.handlers) handler.closed?.(client);
    this.#options.onPresence(client);
  }

  #fireWill(client: Client, topic: string, payload: Buffer): void {
    const tokens = topicOf(topic);
    const denial = this.#publishDenial(client, tokens, topic);
    if (denial) this.#options.log({ kind: "denied", clientId: client.clientId, topic, reason: `will: ${denial}` });
    else this.#handlerOf(tokens)?.publish(client, tokens, payload);
  }
}
