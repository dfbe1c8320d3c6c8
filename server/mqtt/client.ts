import type { Socket } from "node:net";
import type { IConnectPacket, Packet } from "mqtt-packet";
import type { ServerContext } from "../core/context.js";
import type { Device } from "../store/devices.js";
import { authenticate } from "./authentication.js";
import type { ClientCertificate } from "./client-certificate.js";
import { isProvisioning, ProvisionSession } from "./provision-session.js";
import { DeviceSession, type SessionOptions } from "./session.js";
import { Wire } from "./wire.js";

/** Packets that may wait for the CONNACK; one more closes the connection. */
const maxQueuedPackets = 100;

const serverUnavailable = 3;
const unsupportedProtocolVersion = 0x84;

export interface ClientOptions extends SessionOptions {
  readonly legacyRefusals: boolean;
  readonly provisionCloseDelay: number;
}

/** One connection from its first byte on: what comes before the CONNACK waits, what comes after goes to the session. */
export class Client {
  readonly #wire: Wire;
  readonly #context: ServerContext;
  readonly #options: ClientOptions;
  readonly #certificate: ClientCertificate | undefined;
  #queue: Packet[] = [];
  #session: DeviceSession | undefined;
  #provisioning: ProvisionSession | undefined;
  #device: Device | undefined;

  /** @param certificate what the client showed in its TLS handshake */
  constructor(
    socket: Socket,
    certificate: ClientCertificate | undefined,
    context: ServerContext,
    options: ClientOptions,
  ) {
    this.#certificate = certificate;
    this.#context = context;
    this.#options = options;
    this.#wire = new Wire({
      socket,
      maxPayloadSize: options.maxPayloadSize,
      onPacket: (packet) => this.#receive(packet),
      onClose: (reason) => this.#closed(reason),
    });
  }

  close(reason: string): void {
    this.#wire.close(reason);
  }

  #receive(packet: Packet): void {
    if (packet.cmd === "connect" && isProvisioning(packet) && packet.protocolVersion !== 5) {
      this.#openProvisioning(packet);
    } else if (packet.cmd === "connect") {
      // Opening a session takes a real server a while, in which a client may already send more.
      setImmediate(() => this.#connect(packet));
    } else if (this.#provisioning) {
      // Faithful: nothing, not even another CONNECT, turns such a connection into a device's.
      this.#provisioning.handle(packet);
    } else if (this.#session) {
      this.#session.handle(packet, false);
    } else {
      this.#queue.push(packet);
      if (this.#queue.length > maxQueuedPackets) this.close(`more than ${maxQueuedPackets} packets before the CONNACK`);
    }
  }

  #connect(packet: IConnectPacket): void {
    if (!this.#wire.isOpen) return;
    if (packet.protocolVersion === 5) {
      this.#refuseVersion(packet);
      return;
    }
    const result = authenticate(packet, this.#certificate, this.#context, this.#options.legacyRefusals);
    if ("refusal" in result) {
      this.#refuse(packet, result.refusal.code, result.refusal.reason);
      return;
    }
    if (this.#options.limits.of(result.device).trySpend()) this.#open(packet, result.device);
    else this.#refuse(packet, serverUnavailable, "rate limit messages exceeded");
  }

  #open(packet: IConnectPacket, device: Device): void {
    // A second CONNECT on a live connection is served like the first.
    this.#endSession("connected again");
    const session = new DeviceSession(this.#wire, device, this.#context, this.#options);
    this.#session = session;
    this.#device = device;
    this.#context.sessions.open(session);
    this.#context.state.connected(device.id);
    const { clientId } = packet;
    this.#context.onEvent({ event: "device.connected", device: device.name, clientId, remote: this.#wire.remote });
    this.#wire.send({ cmd: "connack", returnCode: 0, sessionPresent: !packet.clean });
    const queue = this.#queue;
    this.#queue = [];
    for (const queued of queue) {
      if (this.#wire.isOpen) session.handle(queued, true);
    }
  }

  #openProvisioning(packet: IConnectPacket): void {
    this.#provisioning ??= new ProvisionSession(
      this.#wire,
      this.#context.provisioning,
      this.#options.provisionCloseDelay,
    );
    this.#wire.send({ cmd: "connack", returnCode: 0, sessionPresent: !packet.clean });
    this.#context.onEvent({ event: "provision.connected", clientId: packet.clientId, remote: this.#wire.remote });
  }

  #refuse(packet: IConnectPacket, code: number, reason: string): void {
    // Faithful: the session-present flag says "not clean" even here.
    this.#wire.send({ cmd: "connack", returnCode: code, sessionPresent: !packet.clean });
    this.#context.onEvent({ event: "device.refused", code, reason, clientId: packet.clientId });
    this.close(`refused: ${reason}`);
  }

  #refuseVersion(packet: IConnectPacket): void {
    const reason = "the local server speaks MQTT 3.1 and 3.1.1, not 5";
    this.#wire.send({ cmd: "connack", reasonCode: unsupportedProtocolVersion, sessionPresent: false }, 5);
    const event = "device.refused";
    this.#context.onEvent({ event, code: unsupportedProtocolVersion, reason, clientId: packet.clientId });
    this.close(`refused: ${reason}`);
  }

  #closed(reason: string): void {
    this.#provisioning?.ended();
    if (this.#session) this.#endSession(reason);
    else this.#context.onEvent({ event: "connection.closed", remote: this.#wire.remote, reason });
  }

  #endSession(reason: string): void {
    const session = this.#session;
    if (!session || !this.#device) return;
    this.#session = undefined;
    session.ended();
    this.#context.sessions.remove(session);
    this.#context.state.disconnected(session.deviceId);
    this.#context.onEvent({ event: "device.disconnected", device: this.#device.name, reason });
  }
}
