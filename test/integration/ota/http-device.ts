// SPDX-License-Identifier: Apache-2.0

import { createClock } from "../../../hosts/node/clock.js";
import { Guard } from "../../../hosts/node/guard.js";
import { NodeSockets } from "../../../hosts/node/socket.js";
import { text } from "../../../hosts/node/text.js";
import { FailureLog } from "../../../modules/core/failure-log.js";
import type { SocketFactory, TlsOptions } from "../../../modules/core/ports.js";
import { HttpSource } from "../../../modules/ota/http/http-source.js";
import type { FetchedImage, PackageReceiver } from "../../../modules/ota/package-source.js";
import { hasty } from "../../fakes/hasty-clock.js";
import { FakeLog } from "../../fakes/log.js";

export interface DeviceOptions {
  readonly url: string;
  readonly content: Uint8Array;
  /** Chunks that are there already. */
  readonly present?: readonly number[];
  readonly tls?: TlsOptions;
  /** How many times as fast as others its clock runs. */
  readonly haste?: number;
}

export const chunkLength = 4_096;

/** What fetches a package over real sockets, without the flash to put it into. */
export class HttpDevice implements PackageReceiver, FetchedImage {
  readonly chunkLength = chunkLength;
  readonly chunks: number;
  readonly image: FetchedImage = this;
  readonly came: number[] = [];
  readonly log = new FakeLog();
  /** Bytes that it read from its sockets: heads and bodies. */
  read = 0;
  longestRead = 0;
  /** "done", or why it gave up. */
  readonly end: Promise<string>;
  onCame: ((chunk: number) => void) | undefined;
  readonly source: HttpSource;
  readonly #options: DeviceOptions;
  readonly #present: Set<number>;
  readonly #guard: Guard;
  #finish: (end: string) => void = () => undefined;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.chunks = Math.ceil(options.content.length / chunkLength);
    this.#present = new Set(options.present);
    this.end = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#guard = new Guard((error) => this.#finish(`panic: ${error}`));
    const sockets = new NodeSockets(this.#guard);
    const clock = hasty(createClock(this.#guard), options.haste ?? 20);
    this.source = new HttpSource({
      ...{ clock, text, url: options.url, receiver: this },
      random: () => Math.random() * 0x1_0000_0000,
      failures: new FailureLog(clock, this.log, "ota.http"),
      connect: this.#counted(sockets.connect),
      secureFor: options.tls && this.#counted(sockets.secure(options.tls)),
      buffer: new Uint8Array(chunkLength),
    });
  }

  get missing(): number {
    return this.chunks - this.#present.size;
  }

  /** Where the first byte belongs that is missing. */
  get firstMissing(): number {
    let chunk = 0;
    while (this.has(chunk)) chunk += 1;
    return chunk * chunkLength;
  }

  has(chunk: number): boolean {
    return this.#present.has(chunk);
  }

  lengthOf(chunk: number): number {
    return Math.min(chunkLength, this.#options.content.length - chunk * chunkLength);
  }

  onChunk(chunk: number, bytes: Uint8Array, start: number): void {
    const offset = chunk * chunkLength;
    const length = this.lengthOf(chunk);
    if (this.has(chunk)) throw new Error(`chunk ${chunk} came twice`);
    const expected = this.#options.content.subarray(offset, offset + length);
    if (Buffer.compare(bytes.subarray(start, start + length), expected) !== 0)
      throw new Error(`chunk ${chunk} is wrong`);
    this.#present.add(chunk);
    this.came.push(chunk);
    this.onCame?.(chunk);
    if (this.missing > 0) return;
    this.source.stop();
    this.#finish("done");
  }

  onFailed(reason: string, detail: string): void {
    this.#finish(`${reason}: ${detail}`);
  }

  /** Fetches; resolves to `end`. */
  fetch(): Promise<string> {
    this.source.start();
    return this.end;
  }

  close(): void {
    this.source.stop();
    this.#guard.close();
  }

  #counted(factory: SocketFactory): SocketFactory {
    return (options) => {
      const socket = factory(options);
      return {
        read: (into, offset, length) => {
          const count = socket.read(into, offset, length);
          this.read += count;
          this.longestRead = Math.max(this.longestRead, count);
          return count;
        },
        write: (from, offset, length) => socket.write(from, offset, length),
        close: () => socket.close(),
      };
    };
  }
}
