// SPDX-License-Identifier: Apache-2.0

import { generate, type Packet, parser } from "mqtt-packet";
import type { FakeSocket } from "./socket.js";

/** An MQTT server's end of a fake socket: what the client sent as packets, by an independent codec, and answers to it. */
export class ScriptedServer {
  readonly socket: FakeSocket;
  /** Packets of the client in order. */
  readonly packets: Packet[] = [];
  readonly #parser = parser();
  #seen = 0;

  constructor(socket: FakeSocket, writable = 65_536) {
    this.socket = socket;
    this.#parser.on("packet", (packet) => this.packets.push(packet));
    this.#parser.on("error", (error) => {
      throw error;
    });
    socket.allow(writable);
  }

  /** Packets that came since the last call. Throws for bytes that are not MQTT. */
  take(): Packet[] {
    // Worlds ask all their connections, those long past too, at each step.
    if (this.socket.sent.length === this.#seen) return [];
    const before = this.packets.length;
    this.#parser.parse(Buffer.from(this.socket.sent.slice(this.#seen)));
    this.#seen = this.socket.sent.length;
    return this.packets.slice(before);
  }

  /** Packets of one kind that came since the last call of `take`. */
  takeAll<Command extends Packet["cmd"]>(command: Command): Extract<Packet, { cmd: Command }>[] {
    return this.take().filter((packet): packet is Extract<Packet, { cmd: Command }> => packet.cmd === command);
  }

  send(packet: Packet): void {
    this.socket.deliver(generate(packet));
  }

  accept(): void {
    this.send({ cmd: "connack", returnCode: 0, sessionPresent: false });
  }

  refuse(returnCode: number): void {
    this.send({ cmd: "connack", returnCode, sessionPresent: false });
  }

  acknowledge(messageId: number): void {
    this.send({ cmd: "puback", messageId });
  }

  publish(topic: string, payload: string | Buffer, qos: 0 | 1 = 0, messageId = 1): void {
    this.send({ cmd: "publish", topic, payload, qos, dup: false, retain: false, ...(qos === 0 ? {} : { messageId }) });
  }

  /** Answers CONNECT and every SUBSCRIBE that came, all granted. Returns the packets that came. */
  welcome(): Packet[] {
    const packets = this.take();
    this.accept();
    for (const packet of packets) {
      if (packet.cmd !== "subscribe") continue;
      const granted = packet.subscriptions.map(({ qos }) => qos);
      this.send({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
    }
    return packets;
  }
}
