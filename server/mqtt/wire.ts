import type { Socket } from "node:net";
import mqtt from "mqtt-packet";
import { PacketSizeGuard } from "./packet-size.js";

export interface WireOptions {
  readonly socket: Socket;
  readonly maxPayloadSize: number;
  readonly onPacket: (packet: mqtt.Packet) => void;
  /** Called once, whoever closed. */
  readonly onClose: (reason: string) => void;
}

/** One TCP connection as a stream of MQTT packets. */
export class Wire {
  readonly remote: string;
  readonly #options: WireOptions;
  readonly #parser = mqtt.parser();
  readonly #size: PacketSizeGuard;
  #isOpen = true;

  constructor(options: WireOptions) {
    const { socket, maxPayloadSize } = options;
    this.#options = options;
    this.#size = new PacketSizeGuard(maxPayloadSize);
    this.remote = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#parser.on("packet", (packet) => this.#receive(packet));
    this.#parser.on("error", (error: Error) => this.close(`malformed packet: ${error.message}`));
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#parse(chunk));
    socket.on("error", (error) => this.close(`connection lost: ${error.message}`));
    socket.on("close", () => this.close("connection lost"));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(packet: mqtt.Packet, protocolVersion = 4): void {
    if (this.#isOpen) this.#options.socket.write(mqtt.generate(packet, { protocolVersion }));
  }

  /** Closes once what was sent is out. */
  close(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.socket.destroySoon();
    this.#options.onClose(reason);
  }

  #parse(chunk: Buffer): void {
    if (!this.#isOpen) return;
    if (this.#size.accepts(chunk)) this.#parser.parse(chunk);
    else this.close(`packet larger than ${this.#options.maxPayloadSize} bytes`);
  }

  #receive(packet: mqtt.Packet): void {
    if (!this.#isOpen) return;
    const defect = defectOf(packet);
    if (defect) this.close(`malformed packet: ${defect}`);
    else this.#options.onPacket(packet);
  }
}

/** What the parser lets through and ThingsBoard's decoder does not. */
function defectOf(packet: mqtt.Packet): string | undefined {
  switch (packet.cmd) {
    case "connect":
      if (packet.protocolVersion === 3 && !/^.{1,23}$/su.test(packet.clientId)) return "client id of MQTT 3.1";
      return undefined;
    case "publish":
      if (/[+#]/.test(packet.topic)) return "wildcard in the topic";
      return packet.qos > 0 && !isPacketId(packet.messageId) ? "packet id 0" : undefined;
    case "subscribe":
      if (packet.subscriptions.length === 0) return "no filter";
      return isPacketId(packet.messageId) ? undefined : "packet id 0";
    case "unsubscribe":
      if (packet.unsubscriptions.length === 0) return "no filter";
      return isPacketId(packet.messageId) ? undefined : "packet id 0";
    case "puback":
      return isPacketId(packet.messageId) ? undefined : "packet id 0";
    default:
      return undefined;
  }
}

function isPacketId(id: number | undefined): id is number {
  return id !== undefined && id > 0;
}
