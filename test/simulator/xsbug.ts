// SPDX-License-Identifier: Apache-2.0

import { createServer, type Server, type Socket } from "node:net";

// What the debugger protocol of XS says, as far as it is needed here: XML elements, each in an <xsbug>, and commands back.
const message = /<xsbug>([\s\S]*?)<\/xsbug>/;
const element =
  /<log[^>]*>([\s\S]*?)<\/log>|<(login|broken)\b|<instruments>([\s\S]*?)<\/instruments>|<samples>([\s\S]*?)<\/samples>/g;
const instrument = /<instrument name="([^"]*)"/g;
const goOn = "\r\n<go/>\r\n";

/** Stands in for Moddable's debugger: takes the trace of a debug build line by line, its instruments, and lets it run. */
export class TraceListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #onLine: (line: string) => void;
  readonly #peaks = new Map<string, number>();
  #names: readonly string[] = [];

  private constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on any free port of this machine. */
  static open(onLine: (line: string) => void): Promise<TraceListener> {
    const listener = new TraceListener(onLine);
    return new Promise((resolve, reject) => {
      listener.#server.once("error", reject);
      listener.#server.listen(0, "127.0.0.1", () => resolve(listener));
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** The highest value of each instrument so far. */
  get peaks(): ReadonlyMap<string, number> {
    return this.#peaks;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let received = "";
    let begun = "";
    socket.setEncoding("utf8");
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (text: string) => {
      received += text;
      for (let found = message.exec(received); found; found = message.exec(received)) {
        received = received.slice(found.index + found[0].length);
        begun = this.#handle(found[1] ?? "", begun, socket);
      }
    });
  }

  /** Returns the beginning of a line that is not complete yet. */
  #handle(content: string, begun: string, socket: Socket): string {
    let trace = begun;
    for (const [, text, halt, instruments, samples] of content.matchAll(element)) {
      if (halt !== undefined) socket.write(goOn);
      if (instruments !== undefined) this.#names = [...instruments.matchAll(instrument)].map(([, name]) => name ?? "");
      if (samples !== undefined) samples.split(",").forEach((value, index) => void this.#sample(index, Number(value)));
      trace += decode(text ?? "");
    }
    const lines = trace.split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
    return rest;
  }

  #sample(index: number, value: number): void {
    const name = this.#names[index];
    if (name !== undefined) this.#peaks.set(name, Math.max(value, this.#peaks.get(name) ?? 0));
  }
}

function decode(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}
