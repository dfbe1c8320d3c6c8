// SPDX-License-Identifier: Apache-2.0
// The platform of main.ts in Moddable's simulator.

import main from "main";
import SdkTimer from "timer";
import type { Clock, Host, System, TimeSource } from "../../modules/core/ports.js";
import { SimulatedWifi } from "../node/wifi.js";
import { createSecureFactory } from "../tls/secure.js";
import { verifySignature } from "../tls/signature.js";
import { ArchiveSlot } from "../xs/application-slot.js";
import { createClock } from "../xs/clock.js";
import { createSdkDigest } from "../xs/digest.js";
import { describeError, Guard } from "../xs/guard.js";
import { XsHeap } from "../xs/heap.js";
import { log } from "../xs/log.js";
import type { Resources } from "../xs/resource.js";
import { createSocketFactory } from "../xs/socket.js";
import { createText } from "../xs/text.js";
import { SimulatedBootLoader } from "./boot-loader.js";
import { BootRecord } from "./boot-record.js";
import { openDrainedTcp } from "./drained-tcp.js";
import { Folder } from "./files.js";
import { createFolderFlash, flashFile } from "./flash.js";
import { readIdentity } from "./identity.js";
import { createRandom } from "./random.js";
import { FileStore } from "./storage.js";

export { settings } from "../xs/settings.js";

/** A reply that is on its way when the firmware asks for a restart gets this long. */
const restartPause = 250;

/** About what a chip takes from reset to `main`. */
const bootPause = 500;

/** An image that crashes has begun to work by then. */
const crashPause = 500;

/** The simulator runs on 64-bit machines. */
const slotSize = 32;

/**
 * The board that the simulator plays. A restart ends this firmware, closes what it had open and calls `main` once more:
 * the simulator's own process goes on.
 */
export function createHost(): Host {
  const resources: Resources = new Set();
  const folder = new Folder();
  const text = createText();
  const record = new BootRecord(folder, text);
  const end = (next: "software" | "panic", error?: string): void => {
    guard.close();
    for (const resource of [...resources]) resource.close();
    record.end(next, error);
    SdkTimer.set(() => main(), bootPause);
  };
  const guard = new Guard((error) => {
    const description = describeError(error);
    log.write("error", "host.panic", description);
    end("panic", description);
  });
  const clock = createClock(guard, resources);
  const random = createRandom();
  const storage = new FileStore(folder);
  const openFlash = createFolderFlash(folder, resources, (path) => bootLoader.refusalOf(path));
  const bootLoader = new SimulatedBootLoader(folder, text, openFlash);
  if (bootLoader.isCrashing) clock.timer(crash).start(crashPause);
  const place = folder.pathOf(flashFile("xs"));
  return {
    clock,
    time: createTimeSource(guard),
    random,
    text,
    connect: createSocketFactory(guard, openDrainedTcp, resources),
    secure: createSecureFactory({ guard, open: openDrainedTcp, log, now: Date.now, resources }),
    wifi: new SimulatedWifi(clock),
    storage,
    openFlash,
    digest: createSdkDigest,
    bootLoader,
    applicationSlot: new ArchiveSlot({ openFlash, storage, log, place }),
    verifySignature,
    system: createSystem(clock, readIdentity(folder, text, random), record.resetReason, () => end("software")),
    blackBox: record,
    log,
  };
}

function crash(): never {
  throw new Error("a simulated image that crashes");
}

/** The computer's clock, which its operating system keeps right. */
function createTimeSource(guard: Guard): TimeSource {
  return {
    request: (onTime) => {
      SdkTimer.set(() => guard.enter(onTime, Date.now()));
    },
  };
}

function createSystem(clock: Clock, identity: string, resetReason: string, end: () => void): System {
  const heap = new XsHeap(slotSize);
  const restart = clock.timer(end);
  return {
    identity,
    resetReason,
    description: "simulator XS",
    measure: (report) => heap.measure(report),
    indicate: (on) => log.write("info", "host.indicator", on ? "on" : "off"),
    restart: (reason) => {
      log.write("info", "host.restart", reason);
      restart.start(restartPause);
    },
  };
}
