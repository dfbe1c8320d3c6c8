// SPDX-License-Identifier: Apache-2.0

import { FailureLog } from "../../../modules/core/failure-log.js";
import { HttpSource } from "../../../modules/ota/http/http-source.js";
import type { FetchedImage, PackageReceiver } from "../../../modules/ota/package-source.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeNetwork, type FakeSocket } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";

export interface RigOptions {
  readonly url?: string;
  readonly size?: number;
  readonly chunkLength?: number;
  /** Chunks that are there already. */
  readonly present?: readonly number[];
  readonly hasTls?: boolean;
  /** As long as a chunk where it is left out. */
  readonly bufferLength?: number;
  /** The server is one that sends other bytes than those of the package. */
  readonly isCareless?: boolean;
}

export interface Asked {
  readonly lines: readonly string[];
  readonly start: number;
  /** Of the last byte. */
  readonly last: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A device that fetches a package, from servers that are the test. */
export class HttpRig implements PackageReceiver, FetchedImage {
  /** Just before its ticks wrap around. */
  readonly clock = new FakeClock(0x7fff_fff0);
  readonly network = new FakeNetwork();
  readonly secureNetwork = new FakeNetwork();
  readonly log = new FakeLog();
  readonly failures = new FailureLog(this.clock, this.log, "ota.http");
  readonly chunkLength: number;
  readonly chunks: number;
  readonly content: Uint8Array;
  readonly source: HttpSource;
  /** Chunks in the order in which they came. */
  readonly came: number[] = [];
  /** Chunks that the flash does not keep. */
  readonly unkept = new Set<number>();
  /** What the source said when it gave up. */
  end: string | undefined;
  onCame: ((chunk: number) => void) | undefined;
  readonly image: FetchedImage = this;
  /** Runs of the source's timer. */
  alarms = 0;
  readonly #present: Set<number>;
  readonly #accepted = new Set<FakeSocket>();
  readonly #size: number;
  readonly #isCareless: boolean;

  constructor(options: RigOptions = {}) {
    const { size = 150, chunkLength = 64, present = [], url = "http://files.test/fw.bin", hasTls = true } = options;
    this.chunkLength = chunkLength;
    this.chunks = Math.ceil(size / chunkLength);
    this.#size = size;
    this.#isCareless = options.isCareless ?? false;
    this.#present = new Set(present);
    this.content = new Uint8Array(size).map((_, index) => (index * 7 + (index >> 6)) & 255);
    this.source = new HttpSource({
      clock: {
        timer: (callback) => {
          return this.clock.timer(() => {
            this.alarms += 1;
            callback();
          });
        },
        ticks: () => this.clock.ticks(),
        elapsed: (since) => this.clock.elapsed(since),
      },
      random: () => 0xffff_ffff,
      text,
      failures: this.failures,
      connect: this.network.connect,
      secureFor: hasTls ? this.secureNetwork.connect : undefined,
      url,
      buffer: new Uint8Array(options.bufferLength ?? chunkLength),
      receiver: this,
    });
  }

  /** A good answer to the first request of a rig. */
  static answer(): Uint8Array {
    const rig = new HttpRig();
    rig.start();
    return rig.goodAnswer();
  }

  get missing(): number {
    return this.chunks - this.#present.size;
  }

  has(chunk: number): boolean {
    return this.#present.has(chunk);
  }

  lengthOf(chunk: number): number {
    return Math.min(this.chunkLength, this.#size - chunk * this.chunkLength);
  }

  /** The flash has lost a chunk. */
  forget(chunk: number): void {
    this.#present.delete(chunk);
  }

  onChunk(chunk: number, bytes: Uint8Array, start: number): void {
    if (this.has(chunk)) throw new Error(`chunk ${chunk} came although it is there`);
    const length = this.lengthOf(chunk);
    const offset = chunk * this.chunkLength;
    for (let index = 0; index < length && !this.#isCareless; index += 1)
      if (bytes[start + index] !== this.content[offset + index]) throw new Error(`chunk ${chunk} differs at ${index}`);
    this.came.push(chunk);
    if (!this.unkept.has(chunk)) this.#present.add(chunk);
    this.onCame?.(chunk);
    if (this.missing === 0) this.source.stop();
  }

  onFailed(reason: string, detail: string): void {
    if (this.end !== undefined) throw new Error("failed twice");
    this.end = `${reason}: ${detail}`;
  }

  get connections(): number {
    return this.network.sockets.length;
  }

  /** Begins, and lets the server have the request. */
  start(): void {
    this.source.start();
    this.open();
  }

  /** Lets the next pause pass, and accepts the connection after it. */
  open(network: FakeNetwork = this.network): void {
    this.pass(() => this.end !== undefined || this.#isNew(network.sockets.at(-1)));
    if (this.end !== undefined) return;
    this.#accepted.add(network.socket);
    network.socket.allow(4_096);
  }

  /** Lets time pass, timer by timer, until something is the case. */
  pass(isEnough: () => boolean): void {
    for (let count = 0; !isEnough(); count += 1) {
      const { pending } = this.clock;
      if (pending === undefined || count === 1_000) throw new Error("it will never be");
      this.clock.advance(pending);
    }
  }

  /** The server says something on the latest connection, all at once or `step` bytes at a time. */
  say(bytes: string | Uint8Array, step?: number, socket: FakeSocket = this.network.socket): void {
    const said = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
    for (let at = 0; at < said.length; at += step ?? said.length) {
      socket.deliver(said.subarray(at, at + (step ?? said.length)));
      this.clock.advance(0);
    }
  }

  get asked(): Asked {
    return askedOf(this.network.socket);
  }

  /** Bytes of the package. */
  part(start: number, end: number): Uint8Array {
    return this.content.slice(start, end);
  }

  /** What a good server says to the request that it got last. */
  goodAnswer(fields = ""): Uint8Array {
    const { start, last } = this.asked;
    const range = `Content-Range: bytes ${start}-${last}/${this.#size}\r\nContent-Length: ${last - start + 1}`;
    return join(`HTTP/1.1 206 Partial Content\r\n${range}\r\n${fields}\r\n`, this.part(start, last + 1));
  }

  #isNew(socket: FakeSocket | undefined): boolean {
    return socket !== undefined && !this.#accepted.has(socket);
  }
}

export function askedOf(socket: FakeSocket): Asked {
  const lines = decoder.decode(new Uint8Array(socket.sent)).split("\r\n");
  const range = lines.find((line) => line.startsWith("Range: bytes="))?.slice(13) ?? "";
  const [start, last] = range.split("-").map(Number);
  return { lines, start: start ?? Number.NaN, last: last ?? Number.NaN };
}

export function join(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes;
}

/** With transfer coding "chunked", in chunks of `length` bytes. */
export function chunked(data: Uint8Array, length: number, extension = ""): Uint8Array {
  const parts: (string | Uint8Array)[] = [];
  for (let at = 0; at < data.length; at += length) {
    const piece = data.subarray(at, at + length);
    parts.push(`${piece.length.toString(16)}${extension}\r\n`, piece, "\r\n");
  }
  return join(...parts, "0\r\n\r\n");
}
