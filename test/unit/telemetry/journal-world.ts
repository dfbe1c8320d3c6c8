// SPDX-License-Identifier: Apache-2.0

import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash, type FakeFlashOptions, PowerCut } from "../../fakes/flash.js";
import type { Published } from "../../fakes/link.js";
import { Boot, numbersOf } from "./journal-boot.js";
import { dataOf, Rig, sourceOf } from "./rig.js";

export type Step =
  | { readonly kind: "record"; readonly count: number; readonly size: number; readonly spread: number }
  | { readonly kind: "advance"; readonly span: number }
  | { readonly kind: "acknowledge"; readonly count: number }
  /** The wall clock becomes known. */
  | { readonly kind: "learn" }
  | { readonly kind: "connect" | "close" }
  /** The power goes during one of the next operations of the flash. */
  | { readonly kind: "cut"; readonly operation: number; readonly tear: number }
  /** An orderly shutdown, or one without warning, and the next boot. */
  | { readonly kind: "shutdown" | "restart" };

/** A datum that was recorded, its number being its place in the list. */
interface Recorded {
  /** Undefined for the device's own. */
  readonly source: string | undefined;
  readonly key: string;
  readonly time: number;
  readonly boot: number;
}

interface Message {
  readonly numbers: readonly number[];
  readonly isFromJournal: boolean;
  /** Some of it was stored meanwhile: the device takes no notice of its acknowledgement. */
  isGivenUp: boolean;
}

/** Whether the journal knows when a boot began; "perhaps" when the power went while it was told. */
type Knowledge = "no" | "perhaps" | "yes";

/** How long the power stays away. */
const pause = 7_000;

const keys = 5;
const maxSources = 4;

export interface WorldOptions extends FakeFlashOptions {
  readonly telemetry?: Partial<TelemetryOptions>;
}

/**
 * A device with a journal, its server, and a list of what must be true of them, through any number of boots. It judges what the
 * journal holds at every boot, and what the server gets at any time.
 */
export class World {
  readonly flash: FakeFlash;
  readonly recorded: Recorded[] = [];
  /** Numbers of the data that the server has acknowledged. */
  readonly acknowledged = new Set<number>();
  /** Those that the device did not know to be acknowledged, or had stored before it knew. */
  readonly #mayComeTwice = new Set<number>();
  /** When each boot began, and whether the journal knows. */
  readonly #boots: { readonly start: number; knowledge: Knowledge }[] = [];
  /** What the queue and the journal hold, oldest first. */
  #queued: number[] = [];
  #journaled: number[] = [];
  #messages: Message[] = [];
  #seen = 0;
  #stored = 0;
  #now = Date.UTC(2026, 0, 1);
  #rig: Rig;
  readonly #telemetryOptions: Partial<TelemetryOptions>;

  constructor({ telemetry = {}, ...flash }: WorldOptions = {}) {
    this.flash = new FakeFlash(flash);
    this.#telemetryOptions = telemetry;
    this.#rig = this.#boot();
  }

  get rig(): Rig {
    return this.#rig;
  }

  get boots(): number {
    return this.#boots.length;
  }

  /** Goes on with the next boot where the power goes meanwhile. */
  take(step: Step): void {
    try {
      this.#do(step);
      this.#observe();
      this.#judgeCounters();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      if (step.kind === "learn") this.#knows("perhaps");
      this.#observe();
      this.#reboot();
    }
  }

  /** Lets the server have everything, and judges that it got it. */
  finish(): void {
    this.flash.restore();
    this.take({ kind: "learn" });
    this.take({ kind: "close" });
    this.take({ kind: "connect" });
    const { telemetry } = this.#rig;
    for (let round = 0; round < 3_000 && telemetry.depth > 0; round += 1) {
      this.take({ kind: "acknowledge", count: 1 });
      if (this.#rig.link.unacknowledged === 0) this.take({ kind: "advance", span: 1_000 });
    }
    must(telemetry.depth === 0, "everything is delivered", telemetry.depth);
    must(this.#journaled.length === 0, "all of the journal is delivered", this.#journaled);
    must(this.#queued.length === 0, "all of the queue is delivered", this.#queued);
    this.take({ kind: "restart" });
    must(this.#rig.telemetry.recovered === 0, "the journal is empty", this.#rig.telemetry.recovered);
  }

  #do(step: Step): void {
    const { clock, link, telemetry } = this.#rig;
    if (step.kind === "record")
      for (let count = 0; count < step.count; count += 1) this.#record(step.size, step.spread);
    else if (step.kind === "advance") clock.advance(step.span);
    else if (step.kind === "acknowledge") for (let count = 0; count < step.count; count += 1) this.#acknowledge();
    else if (step.kind === "learn") this.#learn();
    else if (step.kind === "connect" && !link.isOpen) this.#rig.connect();
    else if (step.kind === "close" && link.isOpen) this.#close();
    else if (step.kind === "cut") this.flash.cutAt(step.operation, step.tear);
    else if (step.kind === "shutdown") {
      if (link.isOpen) this.#close();
      telemetry.store();
      this.#observe();
      must(this.#queued.length === 0 || this.#dropsNewest, "everything is stored", this.#queued);
      this.#reboot();
    } else if (step.kind === "restart") this.#reboot();
  }

  get #dropsNewest(): boolean {
    return this.#telemetryOptions.whenJournalFull === "drop-newest";
  }

  #boot(): Rig {
    this.#now += pause;
    const rig = new Rig({
      ...{ flash: this.flash, capacity: 1_024, window: 2, clockPatience: 3_600_000, maxSources },
      ...this.#telemetryOptions,
    });
    rig.isClockKnown = false;
    rig.offset = this.#now;
    rig.link.maxPayload = 400;
    this.#boots.push({ start: this.#now, knowledge: "no" });
    this.#seen = 0;
    this.#stored = 0;
    this.#messages = [];
    this.#queued = [];
    return rig;
  }

  #reboot(): void {
    this.#now += this.#rig.clock.now;
    this.flash.restore();
    this.#judgeJournal();
    this.#rig = this.#boot();
    const { recovered } = this.#rig.telemetry;
    must(recovered === this.#journaled.length, "what is there is recovered", recovered, this.#journaled);
    must(this.#rig.log.reasons("telemetry.journal-failed").length === 0, "the journal opens");
  }

  /** Everything that was stored is there, in order, and nothing that the device knew to be acknowledged. */
  #judgeJournal(): void {
    const boot = new Boot(this.flash, { maxSources });
    const found: number[] = [];
    while (boot.load() === "loaded") found.push(...numbersOf(boot.staged()).map((value) => numberOf(value)));
    must(boot.journal.count === found.length, "what is there is counted", boot.journal.count, found);
    for (let index = 1; index < found.length; index += 1)
      must((found[index - 1] as number) < (found[index] as number), "data lie in order", found.slice(index - 1));
    const isThere = new Set(found);
    const lost = this.#journaled.filter((number) => !isThere.has(number) && !this.acknowledged.has(number));
    must(lost.length === 0, "what was stored is there", lost);
    const again = found.filter((number) => this.#isSettled(number));
    must(again.length === 0, "what was acknowledged is gone", again);
    this.#journaled = found;
  }

  #record(size: number, spread: number): void {
    const { telemetry, clock } = this.#rig;
    const number = this.recorded.length;
    const key = `key ${number % keys}`;
    const source = sourceOf(number, spread);
    this.recorded.push({ source, key, time: this.#now + clock.now, boot: this.#boots.length - 1 });
    this.#queued.push(number);
    const to = source === undefined ? telemetry : telemetry.source(source);
    const isKept = to?.record(key, sampleOf(number, size)) === true;
    if (!isKept) this.#queued.pop();
    must(isKept || this.#dropsNewest, "the datum is taken", number);
  }

  #acknowledge(): void {
    // What has happened in between is not to be blamed on the acknowledgement.
    this.#observe();
    const message = this.#messages.shift();
    if (message === undefined) return;
    for (const number of message.numbers) {
      this.acknowledged.add(number);
      if (message.isFromJournal) this.#mayComeTwice.add(number);
    }
    if (message.isFromJournal) this.#journaled = without(this.#journaled, message.numbers);
    else if (!message.isGivenUp) this.#queued = without(this.#queued, message.numbers);
    this.#rig.link.acknowledge(1);
    if (message.isFromJournal) for (const number of message.numbers) this.#mayComeTwice.delete(number);
  }

  #learn(): void {
    this.#rig.isClockKnown = true;
    this.#rig.telemetry.onClockKnown();
    this.#knows("yes");
  }

  #knows(knowledge: Knowledge): void {
    const boot = this.#boots[this.#boots.length - 1];
    if (boot !== undefined && boot.knowledge !== "yes") boot.knowledge = knowledge;
  }

  #close(): void {
    this.#observe();
    this.#messages = [];
    this.#rig.link.close();
  }

  /** Follows the data from queue to journal to server. */
  #observe(): void {
    const { telemetry, link } = this.#rig;
    const moved = this.#queued.splice(0, telemetry.stored - this.#stored);
    this.#stored = telemetry.stored;
    // What is stored under way is given up with all of its message.
    for (const message of this.#messages) {
      if (!message.numbers.some((number) => moved.includes(number))) continue;
      message.isGivenUp = true;
      for (const number of message.numbers) this.#mayComeTwice.add(number);
    }
    this.#journaled.push(...moved);
    // What is not there any more gave way to newer data.
    this.#journaled.splice(0, Math.max(0, this.#journaled.length - telemetry.journaled));
    for (const message of link.published.slice(this.#seen)) this.#judgeMessage(message);
    this.#seen = link.published.length;
  }

  #judgeCounters(): void {
    const { recorded, recovered, delivered, dropped, refused, quarantined, depth } = this.#rig.telemetry;
    const known = delivered + dropped + refused + quarantined + depth;
    must(known === recorded + recovered, "every datum is accounted for", known, recorded, recovered);
  }

  #judgeMessage(message: Published): void {
    const numbers: number[] = [];
    for (const { source, key, value, ts } of dataOf(message)) {
      const number = numberOf(value);
      numbers.push(number);
      must(value === sampleOf(number, sizeOf(value)), "the value is the one that was recorded", number, value);
      must(!this.#isSettled(number), "nothing comes again after its acknowledgement", number);
      this.#judgeTime(number, key, ts);
      must(
        source === this.recorded[number]?.source,
        "the sub-device is the one that it was recorded for",
        number,
        source,
      );
    }
    const queued = new Set(this.#queued);
    this.#messages.push({ numbers, isFromJournal: numbers.some((number) => !queued.has(number)), isGivenUp: false });
  }

  #judgeTime(number: number, key: string, ts: number | undefined): void {
    const recorded = this.recorded[number];
    must(key === recorded?.key, "the key is the one that was recorded", number, key);
    const { time = 0, boot = 0 } = recorded ?? {};
    const now = this.#boots.length - 1;
    const knowledge = this.#boots[boot]?.knowledge;
    if (knowledge === "yes" || boot === now) must(ts === time, "the time is right", number, ts, time);
    else {
      // Dated too late rather than too early, but never later than the next boot.
      const latest = knowledge === "no" ? (this.#boots[now]?.start ?? 0) : Number.POSITIVE_INFINITY;
      must(ts !== undefined && ts >= time && ts <= latest, "the time is guessed well", number, ts, time, latest);
    }
  }

  /** The device has learnt that the server has it. */
  #isSettled(number: number): boolean {
    return this.acknowledged.has(number) && !this.#mayComeTwice.has(number);
  }
}

/** Much faster than `expect`, which is called once a test and not a hundred thousand times. */
function must(isTrue: boolean, what: string, ...evidence: readonly unknown[]): void {
  if (!isTrue) throw new Error(`${what}: ${JSON.stringify(evidence)}`);
}

function sampleOf(number: number, size: number): number | string {
  if (size > 0) return `${number} ${"x".repeat(size)}`;
  if (number % 7 === 0) return number + Math.PI / 4;
  return number % 3 === 0 ? number + 0.25 : number;
}

function sizeOf(value: unknown): number {
  return typeof value === "string" ? value.length - value.indexOf(" ") - 1 : 0;
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return Math.floor(value);
  // The journal holds a text as JSON.
  return Math.floor(Number.parseFloat(String(value).startsWith('"') ? String(value).slice(1) : String(value)));
}

function without(numbers: readonly number[], others: readonly number[]): number[] {
  const gone = new Set(others);
  return numbers.filter((number) => !gone.has(number));
}
