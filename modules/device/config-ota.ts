// SPDX-License-Identifier: Apache-2.0
// The fields of the configuration that say what the firmware is, and how it is replaced.

import { integer } from "../core/integer.js";
import type { Milliseconds, Text } from "../core/ports.js";
import type { Maintenance } from "../ota/maintenance.js";
import { maxNameBytes } from "../ota/package-identity.js";
import type { PackageName } from "../ota/target.js";
import { octets, section, text } from "./config-fields.js";
import { checkMaintenance } from "./config-maintenance.js";

export interface OtaConfig {
  /** Bytes of a chunk: a power of two from 512 to 65,536, and 64 less than `session.receiveBuffer`. Default 4,096, or what fits. */
  readonly chunkSize?: number;
  /** Chunks that are asked for at once, 1 to 64. Costs no memory. Default 8. */
  readonly window?: number;
  /** How long a new image has to reach the server before it gives itself up, 10 s to 1 h. Default 5 min. */
  readonly trialDeadline?: Milliseconds;
  /** Whose packages are taken: a public key on P-256, PEM. Unsigned packages are refused then. Default: everybody's. */
  readonly publicKey?: string;
  /** Authorities, PEM, of the servers that `fw_url` names by https. Default: those of `server.tls`, and without any no https. */
  readonly ca?: string;
  /** When updates may begin and restart the device, UTC. Default: always. */
  readonly maintenance?: Maintenance;
  /** Bytes of the vital sign `freeHeap` below which no update goes on, where there is that sign. Default: none. */
  readonly minimumFreeHeap?: number;
  /** Percent of the vital sign `battery` below which no update goes on, 1 to 100, where there is that sign. Default: none. */
  readonly minimumBattery?: number;
}

export interface CompleteOta {
  readonly chunkSize: number;
  readonly window: number;
  readonly trialDeadline: Milliseconds;
  readonly publicKey: string | undefined;
  readonly ca: string | undefined;
  readonly maintenance: Maintenance | undefined;
  readonly minimumFreeHeap: number | undefined;
  readonly minimumBattery: number | undefined;
}

const smallestChunk = 512;
const largestChunk = 65_536;

/** Most bytes of a chunk's PUBLISH besides the chunk. */
const chunkOverhead = 64;

/** `serverCa`: that of `config.server.tls`. Throws `TypeError` or `RangeError` naming the field. */
export function completeOta(value: unknown, receiveBuffer: number, serverCa: string | undefined): CompleteOta {
  const path = "config.ota";
  const ota = section(value ?? {}, path, [
    ...["chunkSize", "window", "trialDeadline", "publicKey", "ca", "maintenance", "minimumFreeHeap", "minimumBattery"],
  ]);
  return Object.freeze({
    chunkSize: chunkSize(ota.chunkSize, `${path}.chunkSize`, receiveBuffer - chunkOverhead),
    window: integer(ota.window ?? 8, `${path}.window`, 1, 64),
    trialDeadline: integer(ota.trialDeadline ?? 300_000, `${path}.trialDeadline`, 10_000, 3_600_000),
    publicKey: ota.publicKey === undefined ? undefined : text(ota.publicKey, `${path}.publicKey`, 1, 1_024),
    ca: ota.ca === undefined ? serverCa : text(ota.ca, `${path}.ca`, 1, 65_536),
    maintenance: ota.maintenance === undefined ? undefined : checkMaintenance(ota.maintenance, `${path}.maintenance`),
    minimumFreeHeap: atLeast(ota.minimumFreeHeap, `${path}.minimumFreeHeap`, 16_777_216),
    minimumBattery: atLeast(ota.minimumBattery, `${path}.minimumBattery`, 100),
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
    while (size > room) size /= 2;
    return size;
  }
  const size = integer(value, path, smallestChunk, largestChunk);
  if ((size & (size - 1)) !== 0) throw new RangeError(`${path}: ${size} is not a power of two`);
  if (size > room) throw new RangeError(`${path}: ${size}, over config.session.receiveBuffer less ${chunkOverhead}`);
  return size;
}

function atLeast(value: unknown, path: string, max: number): number | undefined {
  return value === undefined ? undefined : integer(value, path, 1, max);
}
