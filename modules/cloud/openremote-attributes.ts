// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { AttributeReader, AttributesDialect } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";
import { assetIdMark, type OpenRemoteAddress, valuesFilter } from "./openremote-address.js";
import { attributeNameProblem } from "./openremote-names.js";
import type { OpenRemoteRefusals } from "./openremote-refusals.js";

/**
 * OpenRemote's attributes: there is one kind, which both sides write. Each value is a message of its own, in JSON: what is no JSON would
 * clear the attribute. Changes alone are told, and those of the device itself, too.
 */
export class OpenRemoteAttributes implements AttributesDialect {
  readonly updateFilter = valuesFilter;
  readonly assetFilter = `asset/${assetIdMark}`;
  readonly maxPublished = 1;
  readonly #scanner: JsonScanner;
  readonly #address: OpenRemoteAddress;
  readonly #refusals: OpenRemoteRefusals;

  constructor(scanner: JsonScanner, address: OpenRemoteAddress, refusals: OpenRemoteRefusals) {
    this.#scanner = scanner;
    this.#address = address;
    this.#refusals = refusals;
  }

  topicOf(name: string): string {
    return this.#address.writeTopic(name, false);
  }

  nameProblem(name: string): string | undefined {
    return attributeNameProblem(name);
  }

  isRefused(name: string): boolean {
    return this.#refusals.has(name);
  }

  refuse(name: string): void {
    this.#refusals.add(name);
  }

  /** Of the message on `assetFilter`, which tells of every change of the asset but those of values. */
  onAssetChanged(): void {
    this.#refusals.onAssetChanged();
  }

  beginMessage(): void {}

  writeAttribute(writer: JsonWriter, _name: string, value: Json): void {
    writer.tree(value);
  }

  endMessage(): void {}

  /** The bare value, null where the attribute has none. */
  readUpdate(topic: string, payload: Uint8Array, byteLength: number, reader: AttributeReader): Reason | undefined {
    const name = this.#address.toldName(topic);
    if (name === undefined) return "unknown-topic";
    this.#refusals.onSeen(name);
    const value = this.#scanner.scan(payload, 0, byteLength);
    if (value === undefined) return "malformed-json";
    if (value === null) reader.onDeleted(name);
    else reader.onValue("shared", name, value);
    return undefined;
  }

  /** The value in a message of the device itself, undefined where there is none. `topic` is one that it writes on. */
  readWrite(topic: string, payload: Uint8Array, byteLength: number): Json | undefined {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!this.#address.isDated(topic)) return root;
    return root instanceof Map ? root.get("value") : undefined;
  }
}
