// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../../../modules/cloud/json.js";
import { ThingsBoardOta } from "../../../modules/cloud/thingsboard-ota.js";
import { DeviceError } from "../../../modules/core/errors.js";
import { FailureLog } from "../../../modules/core/failure-log.js";
import type { Flash } from "../../../modules/core/ports.js";
import { CheckpointStore } from "../../../modules/ota/checkpoint-store.js";
import { ChunkChannel } from "../../../modules/ota/chunk-channel.js";
import { ChunkSource } from "../../../modules/ota/chunk-source.js";
import { FirmwareTarget } from "../../../modules/ota/firmware-target.js";
import { SoftwareTarget } from "../../../modules/ota/software-target.js";
import { StoredObjects } from "../../../modules/ota/stored-objects.js";
import type { UpdateTarget } from "../../../modules/ota/target.js";
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
import { makePackage, type Package, title } from "./update-world.js";

export type Kind = "fw" | "sw";

/** What becomes of application code that runs, by its version: it throws at its start where that has a "t" in it. */
export const throwing = "t";

interface WorldOptions {
  readonly trialDeadline?: number;
  readonly chunkLength?: number;
  readonly window?: number;
}

/** The application that the firmware was built with. */
export const own = "own";

/** A device that takes packages of both kinds, over all its boots, its board, and the server that offers packages. */
export class SoftwareWorld {
  /** Another one for every boot: what was armed before it does not ring. */
  clock = new FakeClock();
  readonly board = new FakeBoard({ blockLength: 1_024, applicationSize: 4_096, slotSize: 8_192 });
  readonly log = new FakeLog();
  /** What the device has told, in order. */
  readonly told: string[] = [];
  /** Versions of the application that ran, and of the firmware where that is not the first one. */
  readonly boots: string[] = [];
  /** Chunks that the device has asked for. */
  readonly requests: string[] = [];
  readonly attributes = new Map<string, Json>();
  readonly obstacles = new Map<string, string>();
  wrapFlash: (flash: Flash, path: string) => Flash = (flash) => flash;
  link = new FakeLink();
  target!: SoftwareTarget;
  readonly updaters = new Map<Kind, Updater>();
  readonly #options: WorldOptions;
  readonly #packages = new Map<string, Package>();
  readonly #offered = new Map<Kind, Package>();
  #isRestarting = false;
  #cut = { at: 0, tear: 0 };

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    const factory = makePackage({ version: "1.0", size: 3_000 });
    this.#packages.set("1.0", factory);
    this.board.partition("ota_0").corrupt(0, factory.bytes);
    this.board.imageIsValid = (_slot, contents) => this.#packageIn(contents) !== undefined;
    this.board.loadApplication = (contents) => {
      const application = this.#packageIn(contents);
      if (application === undefined) throw new Error("an application runs that is not whole");
      return application;
    };
  }

  get updater(): Updater {
    return this.updaters.get("sw") as Updater;
  }

  get running(): string {
    return this.boots[this.boots.length - 1] ?? "none";
  }

  offer(kind: Kind, chosen: Package, changes: { readonly [name: string]: Json } = {}): void {
    this.#packages.set(chosen.version, chosen);
    this.#offered.set(kind, chosen);
    const { attributes } = this;
    attributes.set(`${kind}_title`, title);
    attributes.set(`${kind}_version`, chosen.version);
    attributes.set(`${kind}_size`, chosen.size);
    attributes.set(`${kind}_checksum`, chosen.checksum);
    attributes.set(`${kind}_checksum_algorithm`, "CRC32");
    for (const [name, value] of Object.entries(changes)) attributes.set(name, value);
  }

  /** Came over the cable. */
  flash(chosen: Package): void {
    this.#packages.set(chosen.version, chosen);
    this.board.partition("xs").corrupt(0, chosen.bytes);
  }

  boot(): void {
    this.#isRestarting = false;
    const { board } = this;
    const image = this.#packageIn(board.partition(board.bootLoader.running).contents);
    if (image === undefined) throw new Error("something runs that is no image");
    this.link = new FakeLink();
    this.clock = new FakeClock();
    this.#assemble(image.version);
    try {
      if (this.target.prepare()) {
        this.reset("software");
        return;
      }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
    for (const updater of this.updaters.values()) updater.boot();
    if (this.#isRestarting) this.reset("software");
    else this.#run(image.version);
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

  connect(): void {
    if (this.#packages.get(this.running)?.behaviour === "mute" || this.link.isOpen) return;
    this.link.open();
    this.link.live();
    this.answer();
  }

  /** The server's answer to the question for the attributes. */
  answer(): void {
    for (const updater of this.updaters.values()) updater.onServerReached();
    for (const updater of this.updaters.values()) updater.onOffered(this.attributes);
  }

  serve(): void {
    for (let next = this.link.published.shift(); next !== undefined; next = this.link.published.shift()) {
      const [, kind, , id, , number] = next.topic.split("/") as [string, Kind, string, string, string, string];
      this.requests.push(`${kind} ${number}`);
      const length = Number(next.payload);
      const start = Number(number) * length;
      const bytes = this.#offered.get(kind)?.bytes.slice(start, start + length);
      this.link.deliver(`v2/${kind}/response/${id}/chunk/${number}`, bytes ?? new Uint8Array(0));
    }
  }

  /** Lets everything happen that happens within `span`, with a server that answers. */
  run(span = 20_000): void {
    for (let elapsed = 0; elapsed < span; elapsed += 100) {
      if (this.#isRestarting) {
        this.reset("software");
        continue;
      }
      this.connect();
      this.serve();
      this.clock.advance(100);
    }
  }

  /** As `run`, through every power cut that comes. */
  survive(span = 20_000): void {
    for (let isDone = false; !isDone; ) isDone = this.#withPower(() => this.run(span));
  }

  /** The last state of a kind that was told, with its error. */
  stateOf(kind: Kind = "sw"): string {
    const states = this.told.filter((line) => line.startsWith(`${kind} `) && !line.includes(" runs "));
    return states[states.length - 1]?.slice(3) ?? "";
  }

  #withPower(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      while (!this.#withPower(() => this.reset("power-on")));
      return false;
    }
  }

  #assemble(version: string): void {
    const { board, clock, log } = this;
    const failures = new FailureLog(clock, log, "ota.storage-failed");
    const objects = new StoredObjects({ storage: board.storage, text, failures });
    const openFlash = (path: string): Flash => this.wrapFlash(board.openFlash(path), path);
    const turn = new Turn();
    this.target = new SoftwareTarget({
      ...{ slot: board.applicationSlot, openFlash, objects },
      built: { title, version: own },
    });
    this.#add("fw", new FirmwareTarget({ bootLoader: board.bootLoader, objects, built: { title, version } }), turn);
    this.#add("sw", this.target, turn);
  }

  #add(kind: Kind, target: UpdateTarget, turn: Turn): void {
    const { board, clock, log } = this;
    const failures = new FailureLog(clock, log, "ota.storage-failed");
    const objects = new StoredObjects({ storage: board.storage, text, failures });
    const dialect = new ThingsBoardOta(text, kind);
    const { window = 4, chunkLength = 512, trialDeadline = 300_000 } = this.#options;
    const random = (): number => 0x1234_5678;
    const parity = kind === "fw" ? 0 : 1;
    const channel = new ChunkChannel(this.link, dialect);
    const updater = new Updater({
      ...{ clock, text, log, names: dialect.names, title, trialDeadline, chunkLength, target, turn },
      openFlash: (path) => this.wrapFlash(board.openFlash(path), path),
      records: new UpdateRecords(objects, `${kind}.update`),
      checkpoints: new CheckpointStore({ storage: board.storage, text, key: `${kind}.check`, failures }),
      lastReset: { reason: board.resetReason, error: board.resetReason === "panic" ? "boom" : undefined },
      trust: new Trust({ native: undefined, publicKey: undefined, verify: undefined }),
      openSource: (_offer, receiver) => new ChunkSource({ channel, clock, random, log, receiver, window, parity }),
      obstacle: (step) => this.obstacles.get(`${kind} ${step}`),
      report: {
        onState: (state, error) => this.told.push(`${kind} ${error === "" ? state : `${state} ${error}`}`),
        onProgress: () => {},
        onCurrent: (name) => this.told.push(`${kind} runs ${name.version}`),
      },
      ask: () => this.answer(),
      restart: () => {
        this.#isRestarting = true;
      },
    });
    this.updaters.set(kind, updater);
  }

  #run(firmware: string): void {
    const { board, target, updater } = this;
    const application = target.isInUse ? (board.applicationSlot.load() as Package | undefined) : undefined;
    const version = application?.version ?? own;
    this.boots.push(firmware === "1.0" ? version : `${version} on ${firmware}`);
    if (application?.behaviour === "crashes") this.reset("panic");
    else if (version.includes(throwing) && updater.isOnTrial) updater.giveUpTrial("application-failed", "it threw");
  }

  /** A whole package, every byte of it. */
  #packageIn(contents: Uint8Array): Package | undefined {
    const version = text.decode(contents, 3, 3 + (contents[2] as number));
    const known = this.#packages.get(version);
    if (known === undefined) return undefined;
    for (let index = 0; index < known.size; index += 1) if (contents[index] !== known.bytes[index]) return undefined;
    return known;
  }
}
