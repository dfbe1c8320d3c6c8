// SPDX-License-Identifier: Apache-2.0

import { createServer, type Server } from "node:tls";
import { makeAuthority } from "../fakes/certificates.js";

/** A TLS server in another's place, with a certificate for the right host by an authority that nobody trusts. It only listens. */
export class Impostor {
  readonly #server: Server;
  readonly #refusals: string[] = [];
  #sessions = 0;
  #heard = 0;

  constructor(host: string) {
    const { certificate: cert, privateKey: key } = makeAuthority("nobody").issue({ commonName: host, hosts: [host] });
    this.#server = createServer({ cert, key }, (socket) => {
      this.#sessions += 1;
      socket.on("data", (data) => (this.#heard += data.length));
      socket.on("error", () => undefined);
    });
    this.#server.on("tlsClientError", (error: NodeJS.ErrnoException) =>
      this.#refusals.push(error.code ?? error.message),
    );
  }

  /** Why handshakes failed, as OpenSSL says it. */
  get refusals(): readonly string[] {
    return this.#refusals;
  }

  /** Handshakes that were finished. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Bytes that came through in clear. */
  get heard(): number {
    return this.#heard;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
