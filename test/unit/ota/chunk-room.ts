// SPDX-License-Identifier: Apache-2.0

import { ThingsBoardOta } from "../../../modules/cloud/thingsboard-ota.js";
import { ChunkChannel } from "../../../modules/ota/chunk-channel.js";
import { ChunkSource } from "../../../modules/ota/chunk-source.js";
import type { FetchedImage, PackageReceiver, PackageSource } from "../../../modules/ota/package-source.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

/** What the device has asked for. */
export interface Asked {
  readonly id: number;
  readonly chunk: number;
  readonly length: number;
  readonly dataPoints: number;
}

/** Who waits for a package, with a flash that can lose what came, and counts what it is told. */
export class Receiver implements PackageReceiver {
  readonly image: FetchedImage;
  readonly bytes: Uint8Array;
  /** Chunks that came, in order, those that were lost too. */
  readonly came: number[] = [];
  readonly failures: string[] = [];
  /** Chunks that are missing after this one was written; none unless it is replaced. */
  lose: (chunk: number) => readonly number[] = () => [];
  /** Called with every chunk after it was taken. */
  onTaken: (chunk: number) => void = () => {};
  readonly #present = new Set<number>();
  readonly #stop: () => void;

  constructor(size: number, chunkLength: number, stop: () => void) {
    this.bytes = Uint8Array.from({ length: size }, (_, index) => Math.imul(index + size, 0x9e37_79b1) >>> 13);
    this.#stop = stop;
    const chunks = Math.ceil(size / chunkLength);
    const present = this.#present;
    this.image = {
      chunks,
      chunkLength,
      get missing() {
        return chunks - present.size;
      },
      has: (chunk) => present.has(chunk),
      lengthOf: (chunk) => Math.min(chunkLength, size - chunk * chunkLength),
    };
  }

  get isWhole(): boolean {
    return this.image.missing === 0;
  }

  /** The chunk was there before. */
  take(chunk: number): void {
    this.#present.add(chunk);
  }

  chunk(chunk: number): Uint8Array {
    const start = chunk * this.image.chunkLength;
    return this.bytes.slice(start, start + this.image.lengthOf(chunk));
  }

  onChunk(chunk: number, bytes: Uint8Array, start: number): void {
    const expected = this.chunk(chunk);
    for (let index = 0; index < expected.length; index += 1)
      if (bytes[start + index] !== expected[index]) throw new Error(`chunk ${chunk} is wrong at ${index}`);
    if (this.#present.has(chunk)) throw new Error(`chunk ${chunk} came twice`);
    this.came.push(chunk);
    this.#present.add(chunk);
    for (const lost of this.lose(chunk)) this.#present.delete(lost);
    this.onTaken(chunk);
    if (this.isWhole) this.#stop();
  }

  onFailed(reason: string, detail: string): void {
    this.failures.push(`${reason}: ${detail}`);
  }
}

export interface RoomOptions {
  readonly window?: number;
  readonly parity?: 0 | 1;
  readonly random?: () => number;
}

/** A source of chunks, its session and a server that answers when the test says so. */
export class ChunkRoom {
  readonly clock = new FakeClock();
  readonly link = new FakeLink();
  readonly log = new FakeLog();
  readonly kind: "fw" | "sw";
  readonly #channel: ChunkChannel;
  readonly #options: Required<Pick<RoomOptions, "window" | "parity" | "random">>;
  #source: ChunkSource | undefined;
  /** The source of the package that was served last. */
  readonly chunks = {
    serve: (receiver: PackageReceiver): PackageSource => this.#serve(receiver),
    start: (): void => this.#source?.start(),
    stop: (): void => this.#source?.stop(),
  };
  #seed = 1;

  constructor({ window = 4, parity = 0, random }: RoomOptions = {}) {
    this.kind = parity === 0 ? "fw" : "sw";
    this.#channel = new ChunkChannel(this.link, new ThingsBoardOta(text, this.kind));
    this.#options = { window, parity, random: random ?? (() => this.random()) };
  }

  #serve(receiver: PackageReceiver): PackageSource {
    const { clock, log } = this;
    this.#source?.stop();
    this.#source = new ChunkSource({ clock, log, channel: this.#channel, receiver, ...this.#options });
    return this.#source;
  }

  /** Numbers of 32 bits, the same in every run. */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#seed ^ (this.#seed >>> 15)) >>> 0;
  }

  receiver(size: number, chunkLength = 100): Receiver {
    return new Receiver(size, chunkLength, () => this.chunks.stop());
  }

  /** A download that has begun over a session. */
  begin(size: number, chunkLength = 100): Receiver {
    const receiver = this.receiver(size, chunkLength);
    this.connect();
    this.chunks.serve(receiver).start();
    return receiver;
  }

  connect(): void {
    this.link.open();
    this.link.live();
  }

  /** What was asked for since the last time. */
  asked(): Asked[] {
    return this.link.published.splice(0).map(({ topic, payload, dataPoints }) => {
      const parts = topic.split("/");
      return { id: Number(parts[3]), chunk: Number(parts[5]), length: Number(payload), dataPoints };
    });
  }

  askedChunks(): number[] {
    return this.asked().map(({ chunk }) => chunk);
  }

  deliver(id: number, chunk: number | string, payload: Uint8Array): void {
    this.link.deliver(`v2/${this.kind}/response/${id}/chunk/${chunk}`, payload);
  }

  answer(receiver: Receiver, { id, chunk }: Pick<Asked, "id" | "chunk">): void {
    this.deliver(id, chunk, receiver.chunk(chunk));
  }

  /** Answers what is asked for until nothing is, and returns all of it. */
  serve(receiver: Receiver): Asked[] {
    const all: Asked[] = [];
    for (let asked = this.asked(); asked.length > 0; asked = this.asked()) {
      all.push(...asked);
      for (const each of asked) this.answer(receiver, each);
    }
    return all;
  }

  /** Lets the pause after a wrong answer pass. */
  endPause(): void {
    this.clock.advance(this.clock.pending ?? 0);
  }

  refuse(words: string): void {
    this.link.deliver("v2/fw/error", words);
  }
}
