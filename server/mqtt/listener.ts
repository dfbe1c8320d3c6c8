import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { ServerContext } from "../core/context.js";
import { Client, type ClientOptions } from "./client.js";
import { type ClientCertificate, clientCertificateOf } from "./client-certificate.js";
import { type AllLimits, LimitBook } from "./limit-book.js";

export interface MqttOptions extends Omit<ClientOptions, "limits"> {
  readonly limits: AllLimits;
}

/** Both PEM. */
export interface ServerIdentity {
  /** May be followed by those of the authorities that signed it. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** The MQTT side of the server. */
export class MqttListener {
  readonly #context: ServerContext;
  readonly #options: ClientOptions;
  readonly #servers: Server[] = [];
  readonly #clients = new Set<Client>();
  /** Connections whose handshake is not over, by the address of the client. */
  readonly #handshakes = new Map<string, Socket>();

  /** @throws {RangeError} malformed limits */
  constructor(context: ServerContext, options: MqttOptions) {
    this.#context = context;
    this.#options = { ...options, limits: new LimitBook(options.limits) };
  }

  /** @returns the port */
  listen(host: string, port: number): Promise<number> {
    return this.#listen(
      createServer((socket) => this.#accept(socket)),
      host,
      port,
    );
  }

  /**
   * As ThingsBoard, asks clients for a certificate and needs none; whether it is one of a device is seen at CONNECT.
   * @returns the port
   * @throws {Error} certificate and key are not a pair of PEMs
   */
  async listenSecurely(host: string, port: number, identity: ServerIdentity): Promise<number> {
    const server = createSecureServer(identity, (socket) => {
      this.#handshakes.delete(addressOf(socket));
      this.#acceptSecurely(socket);
    });
    server.on("connection", (socket) => this.#watchHandshake(socket));
    server.on("tlsClientError", (error, socket) => this.#handshakeFailed(socket, error));
    return this.#listen(server, host, port);
  }

  async close(): Promise<void> {
    const closed = this.#servers.splice(0).map((server) => once(server.close(), "close"));
    for (const client of this.#clients) client.close("server stopped");
    for (const socket of this.#handshakes.values()) socket.destroy();
    await Promise.all(closed);
  }

  async #listen(server: Server, host: string, port: number): Promise<number> {
    server.listen(port, host);
    await once(server, "listening");
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #accept(socket: Socket, certificate?: ClientCertificate): void {
    const client = new Client(socket, certificate, this.#context, this.#options);
    this.#clients.add(client);
    socket.on("close", () => this.#clients.delete(client));
  }

  #acceptSecurely(socket: TLSSocket): void {
    let certificate: ClientCertificate | undefined;
    try {
      certificate = clientCertificateOf(socket);
    } catch (error) {
      this.#handshakeFailed(socket, error as Error);
      socket.destroy();
      return;
    }
    if (certificate) this.#context.chainProvisioning.provision(certificate);
    this.#accept(socket, certificate);
  }

  #handshakeFailed(socket: Socket, { message }: Error): void {
    const reason = `TLS handshake failed: ${message}`;
    this.#context.onEvent({ event: "connection.closed", remote: addressOf(socket), reason });
  }

  #watchHandshake(socket: Socket): void {
    const address = addressOf(socket);
    this.#handshakes.set(address, socket);
    socket.on("close", () => this.#handshakes.delete(address));
  }
}

function createSecureServer(
  { certificate, privateKey }: ServerIdentity,
  onSocket: (socket: TLSSocket) => void,
): TlsServer {
  const options = { cert: certificate, key: privateKey, requestCert: true, rejectUnauthorized: false };
  try {
    return createTlsServer(options, onSocket);
  } catch (cause) {
    throw new Error(`TLS certificate and key: ${(cause as Error).message}`, { cause });
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
