// SPDX-License-Identifier: Apache-2.0
// Runs a contract case on any client and any engine.

import type { Reason } from "../../../modules/core/errors.js";
import type { Clock, SocketFactory } from "../../../modules/core/ports.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { type Bytes, ClientPackets, summary } from "./packets.js";

/** One thing that the network or the client's owner does. */
export type Act =
  /** The socket takes so many bytes from now on; the first time, it is connected. */
  | readonly ["allow", number]
  /** Bytes arrive, all at once or so many at a time. */
  | readonly ["deliver", Bytes, number?]
  | readonly ["fail", Reason]
  | readonly ["break"]
  | readonly ["advance", number]
  | readonly ["publish", topic: string, payload: string, QoS: 0 | 1, id: number, flag?: "duplicate"]
  /** Publishes of this many bytes, whose identifiers are not the case's. */
  | readonly ["publishMany", topic: string, size: number, count: number]
  | readonly ["publishSize", topic: string, size: number]
  | readonly ["subscribe", id: number, ...filters: string[]]
  | readonly ["unsubscribe", id: number, ...filters: string[]]
  /** The message that came last, if it was of QoS 1. */
  | readonly ["acknowledge"]
  | readonly ["disconnect"]
  | readonly ["close"];

export type Event = "writable" | "message" | "control" | "error";

export interface ContractCase {
  /** What the client does, as a sentence. */
  readonly name: string;
  /** What is wrong with a client that does not. */
  readonly defect: string;
  readonly client?: ClientConfig;
  /** What the owner does inside its callbacks. */
  readonly on?: Readonly<Partial<Record<Event, readonly Act[]>>>;
  /** Shows also when room is announced, and how many writes the socket saw. */
  readonly watches?: "writable" | "writes";
  /** The factory of sockets throws. */
  readonly hasNoSockets?: boolean;
  /** Each act with everything that is to be seen of the client after it. */
  readonly script: readonly (readonly [Act, ...string[]])[];
}

export interface ClientConfig {
  readonly id?: string;
  readonly user?: string;
  readonly password?: string;
  readonly keepAlive?: number;
  readonly will?: { readonly topic: string; readonly message: string; readonly QoS: 0 | 1; readonly retain: boolean };
  readonly receive?: number;
  readonly transmit?: number;
}

export interface SubjectOptions {
  readonly clock: Clock;
  readonly connect: SocketFactory;
  readonly config: ClientConfig;
  onWritable(): void;
  onMessage(topic: string, payload: Uint8Array, byteLength: number, QoS: number, id: number): void;
  onDropped(topic: string, byteLength: number): void;
  /** `detail` holds the return codes of a SUBACK. */
  onControl(operation: number, id: number, detail: string): void;
  onError(reason: Reason | undefined): void;
}

/** A client under test. Connects in its constructor; 15 s for each of connecting and CONNACK. */
export interface Subject {
  /** `id` undefined: of the subject's choice. */
  publish(topic: string, payload: Uint8Array, QoS: 0 | 1, id: number | undefined, duplicate: boolean): boolean;
  subscribe(id: number, filters: readonly { readonly filter: string; readonly QoS: 0 | 1 }[]): boolean;
  unsubscribe(id: number, filters: readonly { readonly filter: string; readonly QoS: 0 | 1 }[]): boolean;
  acknowledge(id: number): boolean;
  disconnect(): void;
  close(): void;
}

export type MakeSubject = (options: SubjectOptions) => Subject;

const operations = ["", "", "CONNACK", "", "PUBACK", "", "", "", "", "SUBACK", "", "UNSUBACK", "", "PINGRESP"];

class Run {
  readonly #case: ContractCase;
  readonly #clock = new FakeClock();
  readonly #network = new FakeNetwork();
  readonly #subject: Subject;
  readonly #packets = new ClientPackets();
  #seen: string[] = [];
  #sent = 0;
  #writes = 0;
  #wasClosed = false;
  #lastId: number | undefined;
  #isCalling = true;

  constructor(contractCase: ContractCase, makeSubject: MakeSubject) {
    this.#case = contractCase;
    this.#network.isBroken = contractCase.hasNoSockets ?? false;
    this.#subject = makeSubject({
      clock: this.#clock,
      connect: this.#network.connect,
      config: contractCase.client ?? {},
      onWritable: () => this.#event("writable", contractCase.watches === "writable" ? "writable" : ""),
      onMessage: (topic, payload, byteLength, QoS, id) => {
        this.#lastId = QoS === 0 ? undefined : id;
        this.#event("message", `message ${topic} QoS ${QoS} ${summary(payload, 0, byteLength)}`);
      },
      onDropped: (topic, byteLength) => this.#event("message", `dropped ${topic} ${byteLength} bytes`),
      onControl: (operation, id, detail) =>
        this.#event("control", `${operations[operation] ?? operation}${id === 0 ? "" : ` #${id}`}${detail}`),
      onError: (reason) => this.#event("error", `error ${reason}`),
    });
    this.#isCalling = false;
  }

  /** Everything seen of the client by one act. */
  step(act: Act): string[] {
    this.#seen = [];
    try {
      this.#do(act);
      this.#clock.advance(0);
    } catch (error) {
      this.#seen.push(`threw ${error instanceof Error ? error.constructor.name : String(error)}`);
    }
    this.#seeSocket();
    return this.#seen;
  }

  get leftover(): number {
    return this.#packets.leftover;
  }

  #event(event: Event, line: string): void {
    if (this.#isCalling) this.#seen.push(`${event} inside a call`);
    if (line !== "") this.#seen.push(line);
    for (const act of this.#case.on?.[event] ?? []) this.#do(act);
  }

  #do(act: Act): void {
    switch (act[0]) {
      case "allow":
        this.#network.socket.allow(act[1]);
        break;
      case "deliver":
        this.#network.socket.deliver(act[1], act[2]);
        break;
      case "fail":
        this.#network.socket.fail(act[1]);
        break;
      case "break":
        this.#network.socket.failsNextWrite = true;
        break;
      case "advance":
        this.#clock.advance(act[1]);
        break;
      default:
        this.#call(act);
    }
  }

  #call(act: Act): void {
    this.#isCalling = true;
    try {
      const outcome = this.#callSubject(act);
      if (outcome === false) this.#seen.push(`${act[0]} refused`);
    } catch (error) {
      this.#seen.push(`${act[0]} threw ${error instanceof Error ? error.constructor.name : String(error)}`);
    } finally {
      this.#isCalling = false;
    }
  }

  #callSubject(act: Act): boolean | undefined {
    const subject = this.#subject;
    switch (act[0]) {
      case "publish":
        return subject.publish(act[1], bytes(act[2]), act[3], act[4], act[5] === "duplicate");
      case "publishSize":
        return subject.publish(act[1], new Uint8Array(act[2]).fill(120), 0, 0, false);
      case "publishMany":
        return this.#publishMany(act[1], act[2], act[3]);
      case "subscribe":
        return subject.subscribe(act[1], act.slice(2).map(parseFilter));
      case "unsubscribe":
        return subject.unsubscribe(act[1], act.slice(2).map(parseFilter));
      case "acknowledge":
        return this.#lastId === undefined ? undefined : subject.acknowledge(this.#lastId);
      case "disconnect":
        subject.disconnect();
        return undefined;
      case "close":
        subject.close();
        return undefined;
      default:
        return undefined;
    }
  }

  /** Looks at the identifiers only: thousands of lines say no more. */
  #publishMany(topic: string, size: number, count: number): boolean {
    const payload = new Uint8Array(size);
    const socket = this.#network.socket;
    let previous = 0;
    for (let index = 0; index < count; index += 1) {
      const before = socket.sent.length;
      if (!this.#subject.publish(topic, payload, 1, undefined, false)) return false;
      const at = before + 4 + topic.length;
      const id = ((socket.sent[at] ?? 0) << 8) | (socket.sent[at + 1] ?? 0);
      if (id === 0 || id === previous) this.#seen.push(`PUBLISH with identifier ${id} after ${previous}`);
      previous = id;
      socket.sent.length = before;
    }
    return true;
  }

  #seeSocket(): void {
    const socket = this.#network.sockets.at(-1);
    if (!socket) return;
    this.#seen.push(...this.#packets.describe(socket.sent.slice(this.#sent)));
    this.#sent = socket.sent.length;
    const writes = socket.writes.length - this.#writes;
    this.#writes = socket.writes.length;
    if (this.#case.watches === "writes" && writes > 0) this.#seen.push(`${writes} writes`);
    if (socket.isClosed && !this.#wasClosed) this.#seen.push("closed");
    this.#wasClosed = socket.isClosed;
  }
}

/** Undefined when the client keeps the contract; else where it departs from it. */
export function runCase(contractCase: ContractCase, makeSubject: MakeSubject): string | undefined {
  let run: Run;
  try {
    run = new Run(contractCase, makeSubject);
  } catch (error) {
    return `construction threw ${String(error)}`;
  }
  for (const [act, ...expected] of contractCase.script) {
    const seen = run.step(act);
    if (seen.join(" | ") === expected.join(" | ")) continue;
    return `${JSON.stringify(act).slice(0, 80)}\n  expected: ${expected.join(" | ")}\n  seen:     ${seen.join(" | ")}`;
  }
  return run.leftover === 0 ? undefined : `${run.leftover} bytes sent that are no packet`;
}

function bytes(text: string): Uint8Array {
  const result = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) result[index] = text.charCodeAt(index);
  return result;
}

function parseFilter(text: unknown): { filter: string; QoS: 0 | 1 } {
  const [filter, QoS] = String(text).split(":");
  return { filter: filter ?? "", QoS: QoS === "1" ? 1 : 0 };
}
