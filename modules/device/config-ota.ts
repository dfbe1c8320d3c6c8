// SPDX-License-Identifier: Apache-2.0
// The fields of the configuration that say what the firmware is, and how it is replaced.

import { integer } from "../core/integer.js";
import type { Milliseconds, Text } from "../core/ports.js";
import { checkMaintenance, type Maintenance } from "../ota/gates.js";
import { maxNameBytes } from "../ota/package-identity.js";
import type { PackageName } from "../ota/target.js";
import { octets, section, text } from "./config-fields.js";

export interface OtaConfig {
  /** Bytes of a chunk: a power of two from 512 to 65,536, and 64 less than `session.receiveBuffer`. Default 4,096, or what fits. */
  readonly chunkSize?: number;
  /** Chunks that are asked for at once, 1 to 64. Costs no memory. Default 8. */
  readonly window?: number;
  /** How long a new image has to reach the server before it gives itself up, 10 s to 1 h. Default 5 min. */
  readonly trialDeadline?: Milliseconds;
  /** Whose packages are taken: a public key on P-256, PEM. Unsigned packages are refused then. Default: everybody's. */
  readonly publicKey?: string;
  /** When updates may begin and restart the device, UTC. Default: always. */
  readonly maintenance?: Maintenance;
  /** Bytes that have to be free on the platform's heap before a download begins. Default 0. */
  readonly minimumFreeHeap?: number;
  /** Percent of the vital sign `battery` below which no update goes on, 0 to 100. Default 0. */
  readonly minimumBattery?: number;
}

export interface CompleteOta {
  readonly chunkSize: number;
  readonly window: number;
  readonly trialDeadline: Milliseconds;
  readonly publicKey: string | undefined;
  readonly maintenance: Maintenance | undefined;
  readonly minimumFreeHeap: number;
  readonly minimumBattery: number;
}

const smallestChunk = 512;
const largestChunk = 65_536;

/** Most bytes of a chunk's PUBLISH besides the chunk. */
const chunkOverhead = 64;

/** Throws `TypeError` or `RangeError` naming the field. */
export function completeOta(value: unknown, receiveBuffer: number): CompleteOta {
  const path = "config.ota";
  const ota = section(value ?? {}, path, [
    ...["chunkSize", "window", "trialDeadline", "publicKey", "maintenance", "minimumFreeHeap", "minimumBattery"],
  ]);
  return Object.freeze({
    chunkSize: chunkSize(ota.chunkSize, `${path}.chunkSize`, receiveBuffer - chunkOverhead),
    window: integer(ota.window ?? 8, `${path}.window`, 1, 64),
    trialDeadline: integer(ota.trialDeadline ?? 300_000, `${path}.trialDeadline`, 10_000, 3_600_000),
    publicKey: ota.publicKey === undefined ? undefined : text(ota.publicKey, `${path}.publicKey`, 1, 1_024),
    maintenance: ota.maintenance === undefined ? undefined : checkMaintenance(ota.maintenance, `${path}.maintenance`),
    minimumFreeHeap: integer(ota.minimumFreeHeap ?? 0, `${path}.minimumFreeHeap`, 0, 16_777_216),
    minimumBattery: integer(ota.minimumBattery ?? 0, `${path}.minimumBattery`, 0, 100),
  });
}

/** What is built in. Throws `TypeError` or `RangeError` naming the field. */
export function completePackageName(value: unknown, path: string, utf8: Text): PackageName | undefined {
  if (value === undefined) return undefined;
  const { title, version } = section(value, path, ["title", "version"]);
  return Object.freeze({
    title: octets(title, `${path}.title`, 1, maxNameBytes, utf8),
    version: octets(version, `${path}.version`, 1, maxNameBytes, utf8),
  });
}

function chunkSize(value: unknown, path: string, room: number): number {
  if (value === undefined) {
    let size = 4_096;
    while (size > room && size > smallestChunk) size /= 2;
    return size;
  }
  const size = integer(value, path, smallestChunk, largestChunk);
  if ((size & (size - 1)) !== 0) throw new RangeError(`${path}: ${size} is not a power of two`);
  if (size > room) throw new RangeError(`${path}: ${size}, over config.session.receiveBuffer less ${chunkOverhead}`);
  return size;
}
