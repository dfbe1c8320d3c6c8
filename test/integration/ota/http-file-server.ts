// SPDX-License-Identifier: Apache-2.0

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Identity } from "../../fakes/certificates.js";

/** What was asked for. */
export interface Asked {
  readonly path: string;
  /** First byte of the range, and the last; the whole file where no range was. */
  readonly start: number;
  readonly last: number;
  readonly headers: IncomingMessage["headers"];
}

type Behaviour = (asked: Asked, response: ServerResponse) => void;

/** A web server with one file, whatever the path. */
export class FileServer {
  readonly content: Buffer;
  readonly asked: Asked[] = [];
  tag = '"v1"';
  /** What it does instead of sending the range. */
  behaviour: Behaviour = (asked, response) => this.sendRange(asked, response);
  readonly #identity: Identity | undefined;
  #server: Server | undefined;
  #port = 0;

  /** Without `identity` it speaks HTTP, with it HTTPS. */
  constructor(content: Buffer, identity?: Identity) {
    this.content = content;
    this.#identity = identity;
  }

  /** Where its file is. */
  get url(): string {
    return `${this.#identity ? "https" : "http"}://127.0.0.1:${this.#port}/fw.bin?token=1`;
  }

  /** On the port that it had before, if it had one. */
  async listen(): Promise<void> {
    const onRequest = (request: IncomingMessage, response: ServerResponse) => this.#onRequest(request, response);
    const { certificate: cert, privateKey: key } = this.#identity ?? {};
    const server = cert && key ? createSecureServer({ cert, key }, onRequest) : createServer(onRequest);
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** At once, with all its connections. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  sendRange({ start, last }: Asked, response: ServerResponse): void {
    this.sendHead({ start, last }, response);
    response.end(this.content.subarray(start, last + 1));
  }

  sendHead({ start, last }: Pick<Asked, "start" | "last">, response: ServerResponse): void {
    response.writeHead(206, {
      "Content-Range": `bytes ${start}-${last}/${this.content.length}`,
      "Content-Length": last - start + 1,
      ETag: this.tag,
    });
  }

  #onRequest({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const [start = 0, last = this.content.length - 1] =
      headers.range?.slice("bytes=".length).split("-").map(Number) ?? [];
    const asked = { path: url, start, last, headers };
    this.asked.push(asked);
    this.behaviour(asked, response);
  }
}
