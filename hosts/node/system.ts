// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { LogSink, System } from "../../modules/core/ports.js";
import { ifPresent, replaceFile } from "./storage.js";

export type Measure = System["measure"];

export interface SystemOptions {
  /** Folder that holds the identity. */
  readonly folder: string;
  readonly resetReason: string;
  readonly engine: string;
  readonly log: LogSink;
  /** Vital signs of the engine that runs the firmware. */
  readonly measureEngine: Measure;
  readonly onRestart: (reason: string) => void;
}

export function createSystem(options: SystemOptions): System {
  const { log } = options;
  return {
    identity: readIdentity(options.folder),
    resetReason: options.resetReason,
    description: `${process.platform} ${options.engine}`,
    measure: (report) => {
      report("loadAverage", Math.round((loadavg()[0] ?? 0) * 100) / 100);
      const temperature = readTemperature();
      if (temperature !== undefined) report("temperature", temperature);
      options.measureEngine(report);
    },
    indicate: (on) => log.write("info", "host.indicator", on ? "on" : "off"),
    restart: options.onRestart,
  };
}

export const measureV8: Measure = (report) => {
  const { rss, heapUsed } = process.memoryUsage();
  report("processMemory", rss);
  report("heapUsed", heapUsed);
};

/** Made once per state folder, with the bit of a locally administered address set. */
function readIdentity(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "identity");
  const known = ifPresent(() => readFileSync(path, "utf8"));
  if (known !== undefined && /^[0-9a-f]{12}$/.test(known)) return known;
  const bytes = randomBytes(6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  replaceFile(path, Buffer.from(bytes.toString("hex")));
  return bytes.toString("hex");
}

/** Degrees Celsius of the first thermal zone that answers with a plausible value. */
function readTemperature(root = "/sys/class/thermal"): number | undefined {
  try {
    for (const zone of readdirSync(root).filter((name) => name.startsWith("thermal_zone"))) {
      const degrees = Number(readFileSync(join(root, zone, "temp"), "utf8")) / 1_000;
      if (degrees > -40 && degrees < 150 && degrees !== 0) return Math.round(degrees * 10) / 10;
    }
  } catch {
    // Containers and other systems have no such folder, or one that may not be read.
  }
  return undefined;
}
