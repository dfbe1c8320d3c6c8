// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Text } from "../core/ports.js";
import type { OfferNames, OtaDialect, UpdateKeys } from "./dialect.js";
import { idInTopic } from "./topic-id.js";

const zero = 0x30;

const errors: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["NOT_FOUND", "package-not-found"],
  // The package is nowhere but behind its URL.
  ["FAILURE", "package-unavailable"],
  ["PAYLOAD_TOO_LARGE", "payload-too-large"],
]);

/** ThingsBoard's packages: firmware has the prefix "fw", software "sw". */
export class ThingsBoardOta implements OtaDialect {
  readonly names: OfferNames;
  readonly keys: UpdateKeys;
  readonly responseFilter: string;
  readonly errorTopic = "v2/fw/error";
  readonly #text: Text;
  readonly #requestPrefix: string;
  readonly #responsePrefix: string;

  constructor(text: Text, prefix: "fw" | "sw") {
    this.#text = text;
    this.#requestPrefix = `v2/${prefix}/request/`;
    this.#responsePrefix = `v2/${prefix}/response/`;
    this.responseFilter = `${this.#responsePrefix}+/chunk/+`;
    this.names = Object.freeze({
      title: `${prefix}_title`,
      version: `${prefix}_version`,
      tag: `${prefix}_tag`,
      size: `${prefix}_size`,
      checksum: `${prefix}_checksum`,
      algorithm: `${prefix}_checksum_algorithm`,
      url: `${prefix}_url`,
      signature: `${prefix}_signature`,
    });
    this.keys = Object.freeze({
      state: `${prefix}_state`,
      error: `${prefix}_error`,
      progress: `${prefix}_progress`,
      currentTitle: `current_${prefix}_title`,
      currentVersion: `current_${prefix}_version`,
    });
  }

  requestTopic(id: number, chunk: number): string {
    return `${this.#requestPrefix}${id}/chunk/${chunk}`;
  }

  responseId(topic: string): number {
    const end = topic.indexOf("/", this.#responsePrefix.length);
    return end < 0 ? -1 : idInTopic(this.#responsePrefix, topic.slice(0, end));
  }

  responseChunk(topic: string): number {
    const start = topic.lastIndexOf("/") + 1;
    return idInTopic(topic.slice(0, start), topic);
  }

  writeRequest(into: Uint8Array, chunkLength: number): number {
    let digits = 1;
    for (let rest = chunkLength; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    let rest = chunkLength;
    for (let at = digits - 1; at >= 0; at -= 1) {
      into[at] = zero + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return digits;
  }

  /** One word of plain text; "UNKNOWN" among them, which may pass. */
  readError(payload: Uint8Array, byteLength: number): Reason {
    return errors.get(this.#text.decode(payload, 0, byteLength)) ?? "package-unavailable";
  }
}
