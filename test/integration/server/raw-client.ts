import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import mqtt, {
  type IConnectPacket,
  type IPublishPacket,
  type ISubackPacket,
  type Packet,
  type PacketCmd,
} from "mqtt-packet";

/** Long enough for a loaded machine; no test waits for it when the server is right. */
const patience = 4000;

/** An MQTT client that does nothing by itself: no PUBACK, no ping, no check of what it sends. */
export class RawClient {
  readonly #socket: Socket;
  readonly #received: Packet[] = [];
  readonly #closed: Promise<void>;
  #wake: () => void = () => {};
  #isClosed = false;
  #packetId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => {
      this.#received.push(packet);
      this.#wake();
    });
    socket.on("data", (chunk) => parser.parse(chunk));
    socket.on("error", () => {});
    this.#closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Opens a connection over TLS, trusting any server unless told otherwise. */
  static async openSecurely(port: number, options: ConnectionOptions = {}): Promise<RawClient> {
    const socket = connectSecurely({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    await once(socket, "secureConnect");
    return new RawClient(socket);
  }

  /** Connects with a token and waits for the CONNACK. */
  static async login(port: number, token: string, more: Partial<IConnectPacket> = {}): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.send(connectPacket({ username: token, ...more }));
    const connack = await client.next("connack");
    if (connack.returnCode !== 0) throw new Error(`refused with code ${connack.returnCode}`);
    return client;
  }

  send(...packets: Packet[]): void {
    this.write(Buffer.concat(packets.map((packet) => mqtt.generate(packet))));
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends a PUBLISH. @returns its packet id */
  publish(topic: string, payload: string, qos: 0 | 1 | 2 = 1): number {
    const packet = this.publishPacket(topic, payload, qos);
    this.send(packet);
    return packet.messageId ?? 0;
  }

  publishPacket(topic: string, payload: string, qos: 0 | 1 | 2 = 1): IPublishPacket {
    return { cmd: "publish", topic, payload, qos, dup: false, retain: false, messageId: ++this.#packetId };
  }

  subscribePacket(filters: readonly string[], qos: 0 | 1 | 2 = 1): Packet {
    const subscriptions = filters.map((topic) => ({ topic, qos }));
    return { cmd: "subscribe", messageId: ++this.#packetId, subscriptions };
  }

  /** @returns the codes of the SUBACK */
  async subscribe(filters: readonly string[], qos: 0 | 1 | 2 = 1): Promise<number[]> {
    this.send(this.subscribePacket(filters, qos));
    return ((await this.next("suback")) as ISubackPacket).granted as number[];
  }

  /** Takes the next packet of a kind out of what was received, waiting for it if need be. */
  async next<C extends PacketCmd>(cmd: C): Promise<Extract<Packet, { cmd: C }>> {
    const deadline = Date.now() + patience;
    for (;;) {
      const index = this.#received.findIndex((packet) => packet.cmd === cmd);
      if (index >= 0) return this.#received.splice(index, 1)[0] as Extract<Packet, { cmd: C }>;
      if (this.#isClosed) throw new Error(`closed while waiting for ${cmd}`);
      if (Date.now() > deadline) throw new Error(`no ${cmd} within ${patience} ms`);
      await this.#activity(deadline - Date.now());
    }
  }

  async nextPublish(): Promise<{ topic: string; payload: string; qos: number; messageId: number | undefined }> {
    const { topic, payload, qos, messageId } = await this.next("publish");
    return { topic, payload: payload.toString(), qos, messageId };
  }

  acknowledge(messageId: number | undefined): void {
    this.send({ cmd: "puback", messageId: messageId ?? 0 });
  }

  /**
   * Waits until the server has dealt with everything sent so far.
   * @returns what arrived and was not taken, the PINGRESP aside
   */
  async settle(): Promise<Packet[]> {
    // Two rounds: answers to the first may be sent after its PINGRESP.
    for (let round = 0; round < 2; round++) {
      this.send({ cmd: "pingreq" });
      await this.next("pingresp");
    }
    return [...this.#received];
  }

  /** Waits until the server has closed the connection. @returns what arrived before and was not taken */
  async closed(): Promise<Packet[]> {
    const timeout = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`not closed within ${patience} ms`)), patience).unref();
    });
    await Promise.race([this.#closed, timeout]);
    return [...this.#received];
  }

  /** Sends no more. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #activity(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout + 1);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

export function connectPacket(more: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    clientId: "raw",
    keepalive: 0,
    ...more,
  };
}
