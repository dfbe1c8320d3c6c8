// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../../../modules/cloud/json.js";
import { ThingsBoardOta } from "../../../modules/cloud/thingsboard-ota.js";
import { FailureLog } from "../../../modules/core/failure-log.js";
import type { Flash } from "../../../modules/core/ports.js";
import { SharedClock } from "../../../modules/core/shared-clock.js";
import { CheckpointStore } from "../../../modules/ota/checkpoint-store.js";
import { ChunkChannel } from "../../../modules/ota/chunk-channel.js";
import { ChunkSource } from "../../../modules/ota/chunk-source.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import { FirmwareTarget } from "../../../modules/ota/firmware-target.js";
import { StoredObjects } from "../../../modules/ota/stored-objects.js";
import { Trust } from "../../../modules/ota/trust.js";
import { Turn } from "../../../modules/ota/turn.js";
import { UpdateRecords } from "../../../modules/ota/update-record.js";
import { Updater } from "../../../modules/ota/updater.js";
import { FakeBoard } from "../../fakes/board.js";
import { FakeClock } from "../../fakes/clock.js";
import { PowerCut } from "../../fakes/flash.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

export const title = "thermostat";

/** What becomes of an image that boots. */
export type Behaviour = "good" | "crashes" | "mute";

export interface PackageOptions {
  readonly version: string;
  readonly behaviour?: Behaviour;
  /** Bytes; 10,000 when left out. */
  readonly size?: number;
}

export interface Package extends Required<PackageOptions> {
  readonly bytes: Uint8Array;
  readonly checksum: string;
}

const behaviours: readonly Behaviour[] = ["good", "crashes", "mute"];
const magic = 0xe9;

/** An image says in its first bytes what it is: magic, behaviour, version. */
export function makePackage({ version, behaviour = "good", size = 10_000 }: PackageOptions): Package {
  const seed = version.length * 31 + version.charCodeAt(version.length - 1);
  const bytes = Uint8Array.from({ length: size }, (_, index) => Math.imul(index + seed, 0x9e37_79b1) >>> 13);
  const name = Uint8Array.from(version, (letter) => letter.charCodeAt(0));
  bytes.set([magic, behaviours.indexOf(behaviour), name.length, ...name]);
  const digest = createDigest("CRC32");
  digest.update(bytes, 0, size);
  return { version, behaviour, size, bytes, checksum: digest.finish() };
}

interface WorldOptions {
  readonly window?: number;
  readonly chunkLength?: number;
  readonly slotSize?: number;
  readonly trialDeadline?: number;
}

/** The device over all its boots, its board, and the server that offers packages. */
export class UpdateWorld {
  /** Another one for every boot: what was armed before it does not ring. */
  clock = new FakeClock();
  readonly board: FakeBoard;
  readonly log = new FakeLog();
  /** What the device has told, in order: states with their error, and what runs. */
  readonly told: string[] = [];
  /** Versions that ran, in the order of the boots. */
  readonly boots: string[] = [];
  /** Chunks that the device has asked for. */
  readonly requests: number[] = [];
  /** What the server offers. */
  readonly attributes = new Map<string, Json>();
  /** Chunk payloads that the server sends in the place of the right ones; undefined for no answer. */
  spoil: (chunk: number, payload: Uint8Array) => Uint8Array | undefined = (_chunk, payload) => payload;
  obstacle: string | undefined;
  wrapFlash: (flash: Flash, path: string) => Flash = (flash) => flash;
  link = new FakeLink();
  updater!: Updater;
  readonly #options: WorldOptions;
  readonly #packages = new Map<string, Package>();
  #offered: Package | undefined;
  #isRestarting = false;
  #cut = { at: 0, tear: 0 };

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.board = new FakeBoard(options.slotSize === undefined ? {} : { slotSize: options.slotSize });
    const factory = makePackage({ version: "1.0" });
    this.#packages.set("1.0", factory);
    this.board.partition("ota_0").corrupt(0, factory.bytes);
    this.board.imageIsValid = (_slot, contents) => this.#packageIn(contents) !== undefined;
  }

  get running(): string {
    return this.boots[this.boots.length - 1] ?? "none";
  }

  offer(chosen: Package, changes: { readonly [name: string]: Json | undefined } = {}): void {
    this.#packages.set(chosen.version, chosen);
    this.#offered = chosen;
    const attributes: { readonly [name: string]: Json | undefined } = {
      fw_title: title,
      fw_version: chosen.version,
      fw_size: chosen.size,
      fw_checksum: chosen.checksum,
      fw_checksum_algorithm: "CRC32",
      ...changes,
    };
    this.attributes.clear();
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) this.attributes.set(name, value);
  }

  withdraw(): void {
    this.attributes.clear();
    this.#offered = undefined;
  }

  /** Boots what the boot loader has chosen, and everything that follows from it. */
  boot(): void {
    this.#isRestarting = false;
    this.clock = new FakeClock();
    const { board, log } = this;
    const clock = new SharedClock(this.clock);
    const image = this.#packageIn(board.partition(board.bootLoader.running).contents);
    if (image === undefined) throw new Error("something runs that is no image");
    this.boots.push(image.version);
    this.link = new FakeLink();
    const failures = new FailureLog(clock, log, "ota.storage-failed");
    const objects = new StoredObjects({ storage: board.storage, text, failures });
    const dialect = new ThingsBoardOta(text, "fw");
    const { window = 4, chunkLength = 1_024, trialDeadline = 300_000 } = this.#options;
    const random = (): number => 0x1234_5678;
    const channel = new ChunkChannel(this.link, dialect);
    this.updater = new Updater({
      ...{ clock, text, log, names: dialect.names, title, trialDeadline, chunkLength },
      target: new FirmwareTarget({ bootLoader: board.bootLoader, objects, built: { title, version: image.version } }),
      openFlash: (path) => this.wrapFlash(board.openFlash(path), path),
      records: new UpdateRecords(objects, "fw.update"),
      checkpoints: new CheckpointStore({ storage: board.storage, text, key: "fw.check", failures }),
      lastReset: { reason: board.resetReason, error: board.resetReason === "panic" ? "boom" : undefined },
      trust: new Trust({ native: undefined, publicKey: undefined, verify: undefined }),
      openSource: (_offer, receiver) => new ChunkSource({ channel, clock, random, log, receiver, window, parity: 0 }),
      obstacle: () => this.obstacle,
      turn: new Turn(),
      report: {
        onState: (state, error) => this.told.push(error === "" ? state : `${state} ${error}`),
        onProgress: () => {},
        onCurrent: ({ version }) => this.told.push(`runs ${version}`),
      },
      ask: () => this.answer(),
      restart: () => {
        this.#isRestarting = true;
      },
    });
    if (image.behaviour === "crashes") {
      this.reset("panic");
      return;
    }
    this.updater.boot();
    if (this.#isRestarting) this.reset("software");
  }

  /** Cuts the power at the n-th operation from now on, in whichever boot that is. */
  cutAt(operation: number, tear: number): void {
    this.#cut = { at: this.board.operations + operation, tear };
    this.board.cutAt(operation, tear);
  }

  reset(reason: string): void {
    this.link.close();
    const { board } = this;
    board.reset(reason);
    const { at, tear } = this.#cut;
    if (at > board.operations) board.cutAt(at - board.operations, tear);
    this.boot();
  }

  /** Connects, unless the image that runs never manages to. */
  connect(): void {
    if (this.#behaviour === "mute" || this.link.isOpen) return;
    this.link.open();
    this.link.live();
    this.answer();
  }

  /** The server's answer to the question for the attributes. */
  answer(): void {
    this.updater.onServerReached();
    this.updater.onOffered(this.attributes);
  }

  /** Serves `count` requests, and restarts where the device wants to; false when nothing was asked for. */
  serve(count = Number.POSITIVE_INFINITY): boolean {
    let hasServed = false;
    for (let served = 0; served < count && this.link.published.length > 0; served += 1) {
      hasServed = true;
      const { topic, payload } = this.link.published.shift() as { topic: string; payload: string };
      const [, , , id, , number] = topic.split("/");
      const chunk = Number(number);
      this.requests.push(chunk);
      const length = Number(payload);
      const bytes = this.#offered?.bytes ?? new Uint8Array(0);
      const answer = this.spoil(chunk, bytes.slice(chunk * length, (chunk + 1) * length));
      if (answer !== undefined) this.link.deliver(`v2/fw/response/${id}/chunk/${chunk}`, answer);
    }
    return hasServed;
  }

  /** Lets everything happen that happens within `span`, with a server that answers. */
  run(span = 60_000): void {
    for (let elapsed = 0; elapsed < span; elapsed += 50) {
      if (this.#isRestarting) {
        this.reset("software");
        continue;
      }
      this.connect();
      this.serve();
      this.clock.advance(50);
    }
  }

  /** As `run`, through every power cut that comes. */
  survive(span = 60_000): void {
    for (;;) {
      try {
        this.run(span);
        return;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        for (let isUp = false; !isUp; ) {
          try {
            this.reset("power-on");
            isUp = true;
          } catch (again) {
            if (!(again instanceof PowerCut)) throw again;
          }
        }
      }
    }
  }

  /** The last state that was told, with its error. */
  get state(): string {
    const states = this.told.filter((line) => !line.startsWith("runs"));
    return states[states.length - 1] ?? "";
  }

  get #behaviour(): Behaviour | undefined {
    return this.#packages.get(this.running)?.behaviour;
  }

  /** A whole image, every byte of it. */
  #packageIn(contents: Uint8Array): Package | undefined {
    if (contents[0] !== magic) return undefined;
    const version = text.decode(contents, 3, 3 + (contents[2] as number));
    const known = this.#packages.get(version);
    if (known === undefined) return undefined;
    for (let index = 0; index < known.size; index += 1) if (contents[index] !== known.bytes[index]) return undefined;
    return known;
  }
}
