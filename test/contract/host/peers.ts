// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { type CertificateRequest, type Identity, makeAuthority } from "../../fakes/certificates.js";
import type { Peers, TlsPeers } from "./case.js";

const day = 86_400_000;

const here = { commonName: "peer", hosts: ["127.0.0.1", "device.test"] };

/** What the peers do that are there both over TCP and over TLS. */
const behaviours = {
  echo: (socket: Socket) => socket.pipe(socket),
  bye: (socket: Socket) => socket.end("bye"),
  flood: (socket: Socket) => socket.end(Buffer.alloc(300_000).map((_, index) => index % 251)),
};

/** The peers of the socket cases, on free loopback ports. */
export class PeerServers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  async start(): Promise<Peers> {
    const refused = await this.#listen(() => undefined);
    const peers = {
      echo: await this.#listen(behaviours.echo),
      bye: await this.#listen(behaviours.bye),
      reset: await this.#listen((socket) => socket.once("data", () => socket.resetAndDestroy())),
      flood: await this.#listen(behaviours.flood),
      refused,
      tls: await this.#startTls(),
    };
    await new Promise((resolve) => this.#servers[0]?.close(resolve));
    return peers;
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #startTls(): Promise<TlsPeers> {
    const authority = makeAuthority("authority");
    const other = makeAuthority("authority");
    const middle = authority.issueAuthority("middle");
    const secure = (onConnection: (socket: TLSSocket) => void, identity: Identity, options: TlsOptions = {}) =>
      this.#listenSecurely(onConnection, { cert: identity.certificate, key: identity.privateKey, ...options });
    const echo = (identity: Identity, options: TlsOptions = {}) => secure(behaviours.echo, identity, options);
    const issue = (request: Partial<CertificateRequest>) => authority.issue({ ...here, ...request });
    const good = issue({});
    const now = Date.now();
    return {
      ca: authority.certificate,
      otherCa: other.certificate,
      identity: authority.issue({ commonName: "device" }),
      otherIdentity: other.issue({ commonName: "device" }),
      echo: await echo(good),
      bye: await secure(behaviours.bye, good),
      reset: await secure((socket) => socket.once("data", () => this.#reset(socket)), good),
      flood: await secure(behaviours.flood, good),
      chained: await echo(followedBy(middle.issue(here), middle.certificate)),
      forged: await echo(followedBy(other.issue(here), authority.certificate)),
      expired: await echo(issue({ notBefore: new Date(now - 3 * day), notAfter: new Date(now - day) })),
      early: await echo(issue({ notBefore: new Date(now + day), notAfter: new Date(now + 3 * day) })),
      elsewhere: await echo(issue({ hosts: ["elsewhere.test"] })),
      named: await secure((socket) => socket.end(socket.servername || "none"), issue({ hosts: ["device.test"] })),
      strict: await echo(good, { ca: authority.certificate, requestCert: true }),
      plain: await this.#listen((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
      shut: await this.#listen((socket) => socket.once("data", () => socket.end())),
      silent: await this.#listen(() => undefined),
    };
  }

  #listen(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      onConnection(socket);
    });
    return this.#open(server);
  }

  #listenSecurely(onConnection: (socket: TLSSocket) => void, options: TlsOptions): Promise<number> {
    const server = createTlsServer(options, (socket) => {
      socket.on("error", () => socket.destroy());
      onConnection(socket);
    });
    server.on("tlsClientError", (_, socket) => socket.destroy());
    return this.#open(server);
  }

  /** TLS of its own accord always says goodbye. */
  #reset({ remotePort }: TLSSocket): void {
    for (const socket of this.#sockets) if (socket.remotePort === remotePort) socket.resetAndDestroy();
  }

  #open(server: Server): Promise<number> {
    this.#servers.push(server);
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  }
}

function followedBy({ certificate, privateKey }: Identity, next: string): Identity {
  return { certificate: certificate + next, privateKey };
}
