// SPDX-License-Identifier: Apache-2.0

import type { GatewayDialect } from "../cloud/gateway-dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import { Backoff } from "../core/backoff.js";
import type { Reason } from "../core/errors.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";
import { type GatewayChild, longestSilence } from "./child.js";
import type { Children } from "./children.js";
import type { Gate } from "./gate.js";

/** Half of the session's window: the rest is for data. */
const mostUnderWay = 4;

/**
 * Where nobody is to be announced, this one is said to have left: a server acknowledges that of a device that it does not know, and
 * makes none.
 */
const nobody = "nobody";

/** What became of that is told by this, which is no child's number. */
const nobodysNumber = -1;

/** The server counts that it looks for the device and that it opens a session for it. */
const messagesPerConnect = 2;

/** A server that does not take the device for a gateway shall not end all of its sessions. */
const firstRefusal: Milliseconds = 60_000;
const longestRefusal: Milliseconds = 900_000;

export interface AnnouncerOptions {
  readonly link: Link;
  readonly gate: Gate;
  readonly dialect: GatewayDialect;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: LogSink;
  readonly children: Children;
  readonly writer: JsonWriter;
  /** How long after it left what is queued of a child has to go out: a message about it would bring it back. */
  readonly farewell: Milliseconds;
  /** The server has to get a sign of life of this child, which was announced again. */
  readonly onStale: (child: GatewayChild) => void;
}

/**
 * Tells the server which devices are behind the gateway: all of them after every connect, before anything else about them, and who
 * comes and goes meanwhile. The first announcement of a session goes alone: a server that does not take the device for a gateway
 * acknowledges nothing, and then this waits up to a quarter of an hour before it risks a session again. Until then the gate is closed,
 * so that no data of sub-devices are blamed for that.
 *
 * The server drops a sub-device that was silent for ten minutes and does not say so. One timer, armed for the child that was silent
 * longest, announces it again after eight, which revives it where it was dropped or deleted, and asks for a sign of life, because an
 * announcement is none. A child that states or asks for attributes costs nothing; its telemetry does not count here.
 */
export class Announcer implements Participant, Publisher {
  readonly #options: AnnouncerOptions;
  readonly #timer: Timer;
  readonly #refusalTimer: Timer;
  readonly #backoff: Backoff;
  #underWay = 0;
  /** The server has acknowledged an announcement of this session. */
  #isProven = false;
  #isRefused = false;
  /** Whether the server has told its limits, or is known not to tell them. */
  #isPaced = true;
  /** An announcement was published in this session. */
  #isTried = false;
  /** Something waits for room. */
  #isBusy = false;

  constructor(options: AnnouncerOptions) {
    const { clock, random, link } = options;
    this.#options = options;
    this.#timer = clock.timer(() => this.#tellAll());
    this.#refusalTimer = clock.timer(() => {
      this.#isRefused = false;
      this.#tellAll();
    });
    this.#backoff = new Backoff(random, firstRefusal, longestRefusal);
    link.join(this);
  }

  /** The child is there: new, or again. */
  enter(child: GatewayChild): void {
    if (child.isPresent && child.standing === "connected") return;
    child.isPresent = true;
    child.standing = "due";
    this.#options.gate.close();
    this.#hurry();
  }

  /** The child is not there any more. */
  leave(child: GatewayChild): void {
    child.isPresent = false;
    child.since = this.#options.clock.ticks();
    this.#hurry();
  }

  /** The server speaks to a child that has left: a message about it that came later has brought it back there. */
  strays(child: GatewayChild): void {
    if (child.standing === "gone") child.standing = "connected";
    this.leave(child);
  }

  /** The server is going to be asked for its limits, which all announcements at once could be over: one alone has to do until then. */
  awaitLimits(): void {
    this.#isPaced = false;
  }

  onLimits(): void {
    if (this.#isPaced) return;
    this.#isPaced = true;
    this.#tellAll();
  }

  onOpen(): void {
    const { children, gate } = this.#options;
    this.#isProven = false;
    this.#isTried = false;
    gate.close();
    for (let number = 0; number < children.count; number += 1) {
      const child = children.at(number);
      child.isStale = false;
      if (child.standing !== "gone") child.standing = "due";
    }
    this.#tellAll();
  }

  onLive(): void {}

  onRoom(): void {
    if (this.#isBusy) this.#tellAll();
  }

  onClosed(reason: Reason): void {
    const { gate, log } = this.#options;
    this.#timer.stop();
    gate.close();
    if (this.#isProven || reason !== "acknowledge-timeout" || !this.#isTried) return;
    const pause = this.#backoff.next();
    this.#isRefused = true;
    this.#refusalTimer.start(pause);
    log.write("warning", "gateway.refused", `does the server know it as one? Silent for ${pause} ms`, reason);
  }

  onAcknowledged(): void {
    this.#underWay -= 1;
    this.#isProven = true;
    this.#backoff.reset();
    if (this.#isBusy || !this.#options.gate.isClear) this.#tellAll();
  }

  /** The children are announced again with the next session, those that were on their way out too. */
  onLost(number: number): void {
    this.#underWay -= 1;
    if (number !== nobodysNumber) this.#options.children.at(number).standing = "due";
  }

  #hurry(): void {
    this.#isBusy = true;
    this.#timer.start(0);
  }

  /** Tells what there is room for, and opens the gate when nothing is left to be announced. */
  #tellAll(): void {
    const { link, children, gate } = this.#options;
    if (!link.isOpen || this.#isRefused) return;
    let hasRoom = true;
    let isComplete = true;
    let wake: Milliseconds = longestSilence;
    this.#isBusy = false;
    for (let number = 0; number < children.count; number += 1) {
      const child = children.at(number);
      const wait = this.#waitFor(child);
      if (wait > 0) wake = Math.min(wake, wait);
      if (wait > 0 || child.standing === "gone") continue;
      hasRoom = hasRoom && this.#tell(child);
      if (!hasRoom && child.standing === "due") isComplete = false;
      // Who was announced and is on its way out comes up again.
      if (!hasRoom) this.#isBusy = true;
      else if (!child.isPresent && child.standing === "connected") wake = Math.min(wake, this.#options.farewell);
    }
    this.#timer.start(wake);
    if (!this.#isProven && this.#underWay === 0 && !this.#isBusy) this.#tellOfNobody();
    if (!isComplete || !this.#isProven) gate.close();
    else if (!gate.isClear) gate.clear();
  }

  /** Time until there is something to be told of a child, 0 for now. */
  #waitFor(child: GatewayChild): Milliseconds {
    if (child.standing !== "connected") return 0;
    const elapsed = this.#options.clock.elapsed(child.since);
    const left = (child.isPresent ? longestSilence : this.#options.farewell) - elapsed;
    if (left > 0) return left;
    if (child.isPresent) {
      child.standing = "due";
      child.isStale = true;
      return 0;
    }
    // Attributes that went later would bring it back.
    return child.attributes === undefined ? 0 : this.#options.farewell;
  }

  /** False when there is no room: a child that is due is announced, one that is connected is on its way out. */
  #tell(child: GatewayChild): boolean {
    const { link, dialect, writer, clock, log } = this.#options;
    if (this.#underWay >= (this.#isProven ? mostUnderWay : 1) || (this.#isProven && !this.#isPaced)) return false;
    const isComing = child.standing === "due";
    writer.reset();
    if (isComing) dialect.writeConnect(writer, child.name, child.type);
    else dialect.writeDisconnect(writer, child.name);
    const topic = isComing ? dialect.connectTopic : dialect.disconnectTopic;
    if (writer.byteLength > link.maxPayload) log.write("warning", "gateway.failed", child.name, "payload-too-large");
    else if (!this.#publish(topic, child.number, isComing ? messagesPerConnect : 1)) return false;
    child.standing = isComing ? "connected" : "gone";
    child.since = clock.ticks();
    if (child.isStale) this.#options.onStale(child);
    return true;
  }

  #tellOfNobody(): void {
    const { dialect, writer } = this.#options;
    writer.reset();
    dialect.writeDisconnect(writer, nobody);
    this.#isBusy = !this.#publish(dialect.disconnectTopic, nobodysNumber, 1);
  }

  /** Publishes what was written. False where there is no room. */
  #publish(topic: string, number: number, messages: number): boolean {
    const { link, writer } = this.#options;
    if (!link.publish(topic, writer.bytes, writer.byteLength, this, number, false, 0, messages)) return false;
    this.#underWay += 1;
    this.#isTried = true;
    return true;
  }
}
