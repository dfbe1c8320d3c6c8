// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type {
  ApplicationSlot,
  BlackBox,
  BootLoader,
  DigestFactory,
  Host,
  SignatureVerifier,
} from "../../modules/core/ports.js";
import { createApplicationSlot, readApplication } from "./application-slot.js";
import { FileBootLoader } from "./boot-loader.js";
import { BootRecord, type ResetReason } from "./boot-record.js";
import { createClock } from "./clock.js";
import { createNodeDigest } from "./digest.js";
import { exitCodes } from "./exit-codes.js";
import { createFileFlash } from "./flash.js";
import { describeError, Guard } from "./guard.js";
import type { Image } from "./image.js";
import { createLog, type LogFormat } from "./log.js";
import { verifySignature } from "./signature.js";
import { NodeSockets } from "./socket.js";
import { FileStore } from "./storage.js";
import { createSystem, type Measure } from "./system.js";
import { text } from "./text.js";
import { createTimeSource } from "./time-source.js";
import { SimulatedWifi } from "./wifi.js";

/** A reply that is on its way when the firmware asks for a restart gets this long. */
const restartPause = 250;

export interface MachineOptions {
  /** Folder that stands for the board's flash: key-value storage, partitions, identity, boot records. */
  readonly folder: string;
  readonly format: LogFormat;
  readonly writeLine: (line: string) => void;
  /** The firmware has ended, with one of `exitCodes`. Called once. */
  readonly onEnd: (code: number) => void;
  /** The engine that runs the firmware, and for which images have to be. */
  readonly engine: "V8" | "XS";
  readonly measureEngine: Measure;
}

/** The board that this process plays: everything `Host` asks for on Node, with the ways in which it can end. */
export interface Machine extends Host {
  readonly blackBox: BlackBox;
  readonly bootLoader: BootLoader;
  readonly applicationSlot: ApplicationSlot;
  readonly verifySignature: SignatureVerifier;
  readonly digest: DigestFactory;
  /** The image in the application's slot, undefined where that is empty. Throws `DeviceError` "image-refused" for any other. */
  readApplication(): Image | undefined;
  readonly guard: Guard;
  readonly wifi: SimulatedWifi;
  /** The firmware computed for too long and was ended. */
  bite(why: string): void;
  /** Switches the board off cleanly. Idempotent. */
  stop(): void;
}

/** Several machines may live in one process; they share nothing. */
export function createMachine(options: MachineOptions): Machine {
  const record = new BootRecord(options.folder);
  const log = createLog(options.format, options.writeLine);
  const guard = new Guard((error) => {
    const description = describeError(error);
    log.write("error", "host.panic", description);
    end("panic", exitCodes.panic, description);
  });
  const clock = createClock(guard);
  const sockets = new NodeSockets(guard);
  const engine = options.engine === "XS" ? "xs" : "node";
  const bootLoader = new FileBootLoader(options.folder, engine);
  const openFlash = createFileFlash(options.folder, guard, (partition) => bootLoader.refusalOf(partition));
  let isEnding = false;
  const end = (next: ResetReason, code: number, error?: string) => {
    if (isEnding) return;
    isEnding = true;
    guard.close();
    record.end(next, error);
    options.onEnd(code);
  };
  const restart = (reason: string) => {
    log.write("info", "host.restart", reason);
    setTimeout(() => end("software", exitCodes.restart), restartPause);
  };
  return {
    guard,
    clock,
    time: createTimeSource(guard),
    random: () => randomBytes(4).readUInt32LE(),
    text,
    connect: sockets.connect,
    secure: sockets.secure,
    wifi: new SimulatedWifi(clock),
    storage: new FileStore(join(options.folder, "nvs")),
    openFlash,
    digest: createNodeDigest,
    bootLoader,
    readApplication: () => readApplication(openFlash, engine),
    applicationSlot: createApplicationSlot(() => readApplication(openFlash, engine)),
    verifySignature,
    system: createSystem({
      folder: options.folder,
      resetReason: record.resetReason,
      engine: options.engine,
      log,
      measureEngine: options.measureEngine,
      onRestart: restart,
    }),
    blackBox: record,
    log,
    bite: (why) => {
      log.write("error", "host.watchdog", why);
      end("watchdog", exitCodes.panic, why);
    },
    stop: () => end("power-on", exitCodes.stopped),
  };
}
