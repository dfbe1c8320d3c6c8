// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type HeapFigures, HeapReader } from "./heap.js";
import { encodeNetstring, NetstringDecoder } from "./netstring.js";

/** What the engine counted during one delivery. */
export interface Meter {
  /** Computrons: bytecode instructions, weighted by the engine. */
  readonly compute: number;
  /** Slots that were taken and not yet collected when the delivery ended. */
  readonly heapCount: number;
}

export interface Delivery {
  readonly result: Uint8Array;
  readonly meter: Meter;
}

export interface EngineOptions {
  /** Answers `issueCommand` of the machine, which waits for it. */
  readonly onRequest: (message: Uint8Array) => Uint8Array;
  /** A line that the machine or the engine printed. */
  readonly onOutput: (line: string) => void;
  /** The engine's process is gone; `isWatchdog` when it computed for too long. Not called after `stop`. */
  readonly onExit: (why: string, isWatchdog: boolean) => void;
  /** Computrons after which a delivery that does not end is ended with the machine; 0 for no limit. */
  readonly computeLimit: number;
}

/** The exception that left the machine, as text. */
export class MachineError extends Error {
  override get name(): string {
    return "MachineError";
  }
}

const exitReasons: ReadonlyMap<number, string> = new Map([
  [11, "memory full"],
  [12, "stack overflow"],
  [15, "unhandled exception"],
  [16, "not enough keys"],
  [17, "too much computation"],
]);
const tooMuchComputation = 17;

/** How often the engine compares its meter with the limit, in computrons. */
const meterInterval = 1_000_000;

const packagePath = dirname(packageFile());

function packageFile(): string {
  try {
    return createRequire(import.meta.url).resolve("@agoric/xsnap/package.json");
  } catch {
    return join("node_modules", "@agoric", "xsnap", "package.json");
  }
}

/** Where the npm package compiles the engine to, if it could. */
export function enginePath(): string {
  const platform = process.platform === "darwin" ? "mac" : "lin";
  return join(packagePath, "xsnap-native/xsnap/build/bin", platform, "release/xsnap-worker");
}

export function engineAvailable(): boolean {
  return existsSync(enginePath());
}

/** One XS machine in a process of its own, spoken to in netstrings over two pipes. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #process: ChildProcess;
  readonly #in: Writable;
  readonly #heap = new HeapReader();
  readonly #waiting: { readonly resolve: (delivery: Delivery) => void; readonly reject: (error: Error) => void }[] = [];
  #isStopped = false;
  #totalCompute = 0;
  #totalDeliveries = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    const limit = options.computeLimit > 0 ? ["-i", String(meterInterval), "-l", String(options.computeLimit)] : [];
    this.#process = spawn(enginePath(), limit, { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"], env: {} });
    const [, out, err, toMachine, fromMachine, heap] = this.#process.stdio as Readable[];
    this.#in = toMachine as unknown as Writable;
    // Writing to an engine that is gone: its exit says more.
    this.#in.on("error", () => undefined);
    const decoder = new NetstringDecoder((message) => this.#onMessage(message));
    fromMachine?.on("data", (bytes: Buffer) => decoder.push(bytes));
    heap?.on("data", (bytes: Buffer) => this.#heap.push(bytes));
    for (const input of [out, err]) if (input) createInterface({ input }).on("line", options.onOutput);
    this.#process.on("error", (error) => this.#onExit(error.message, false));
    this.#process.on("close", (code, signal) => this.#onClose(code, signal));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Computrons of all deliveries so far. */
  get totalCompute(): number {
    return this.#totalCompute;
  }

  get totalDeliveries(): number {
    return this.#totalDeliveries;
  }

  /** Resident memory of the engine's process in bytes, where the system tells. */
  get residentMemory(): number | undefined {
    try {
      const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, "latin1"));
      return match ? Number(match[1]) * 1_024 : undefined;
    } catch {
      return undefined;
    }
  }

  /** Runs a script in the machine's global scope. Rejects with `MachineError` where it throws. */
  evaluate(source: string): Promise<Delivery> {
    return this.#send("e", Buffer.from(source));
  }

  /** Calls the machine's `handleCommand`. Rejects with `MachineError` where it throws. */
  deliver(message: Uint8Array): Promise<Delivery> {
    return this.#send("?", message);
  }

  /** Collects garbage and tells exactly what is left: the engine writes itself out, and the sections are measured. */
  async heap(): Promise<HeapFigures> {
    const figures = this.#heap.next();
    const { result } = await this.#send("w", Buffer.from("@5"));
    this.#heap.expect(Number(Buffer.from(result).toString("latin1")));
    return figures;
  }

  /** Idempotent. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#process.kill("SIGKILL");
    this.#rejectAll("stopped");
  }

  #send(command: string, bytes: Uint8Array): Promise<Delivery> {
    if (this.#isStopped) return Promise.reject(new Error("the engine has ended"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#in.write(encodeNetstring(command, bytes));
    });
  }

  #onMessage(message: Buffer): void {
    const kind = String.fromCharCode(message[0] ?? 0);
    const body = message.subarray(1);
    if (kind === "?") {
      this.#in.write(encodeNetstring("/", this.#options.onRequest(body)));
      return;
    }
    const waiting = this.#waiting.shift();
    if (kind === "!") waiting?.reject(new MachineError(body.toString()));
    else waiting?.resolve(this.#parse(body));
  }

  #parse(body: Buffer): Delivery {
    const separator = body.indexOf(1);
    const { compute, currentHeapCount } = JSON.parse(body.toString("latin1", 0, separator));
    this.#totalCompute += compute;
    this.#totalDeliveries += 1;
    return { result: body.subarray(separator + 1), meter: { compute, heapCount: currentHeapCount } };
  }

  #onClose(code: number | null, signal: NodeJS.Signals | null): void {
    const why = signal ? `signal ${signal}` : (exitReasons.get(code ?? 0) ?? `exit code ${code}`);
    this.#onExit(why, code === tooMuchComputation);
  }

  #onExit(why: string, isWatchdog: boolean): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#rejectAll(why);
    this.#options.onExit(why, isWatchdog);
  }

  #rejectAll(why: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the engine has ended: ${why}`));
    this.#heap.fail(new Error(`the engine has ended: ${why}`));
  }
}
