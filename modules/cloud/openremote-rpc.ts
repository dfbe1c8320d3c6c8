// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { RpcDialect, RpcRequest } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";
import { type OpenRemoteAddress, valuesFilter } from "./openremote-address.js";
import { maxTopicId } from "./topic-id.js";

/** The attributes by which calls are made; both hold JSON. */
export interface CommandAttributes {
  /** Whoever calls writes `{"id":…,"method":"…","params":…}` here, another id each time. */
  readonly command: string;
  /** The device writes `{"id":…,"result":…}` or `{"id":…,"error":{"code":"…","message":"…"}}` here. */
  readonly result: string;
}

/**
 * Calls over two attributes, since OpenRemote has none of its own. A call is told once to a device that is there; one that is made while
 * the device is away never reaches it.
 */
export class OpenRemoteRpc implements RpcDialect {
  readonly devices = 0;
  readonly requestFilter = valuesFilter;
  readonly #scanner: JsonScanner;
  readonly #address: OpenRemoteAddress;
  readonly #names: CommandAttributes;

  constructor(scanner: JsonScanner, address: OpenRemoteAddress, names: CommandAttributes) {
    this.#scanner = scanner;
    this.#address = address;
    this.#names = names;
  }

  requestId(topic: string, payload: Uint8Array, byteLength: number): number | Reason | undefined {
    if (this.#address.toldName(topic) !== this.#names.command) return undefined;
    const root = this.#scanner.scan(payload, 0, byteLength);
    // Somebody has cleared the attribute.
    if (root === null) return undefined;
    const id: Json | undefined = root instanceof Map ? root.get("id") : undefined;
    const isId = typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= maxTopicId;
    return isId ? id : "malformed-json";
  }

  readRequest(payload: Uint8Array, byteLength: number): RpcRequest | Reason {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const method: unknown = root.get("method");
    if (typeof method !== "string") return "malformed-json";
    return { method, params: root.get("params") ?? null };
  }

  responseTopic(): string {
    return this.#address.writeTopic(this.#names.result, false);
  }

  beginResult(writer: JsonWriter, id: number): void {
    writer.beginObject();
    writer.name("id", true);
    writer.value(id);
    writer.name("result", true);
  }

  endResult(writer: JsonWriter): void {
    writer.endObject();
  }

  writeFailure(writer: JsonWriter, id: number, code: string, message: string): void {
    writer.beginObject();
    writer.name("id", true);
    writer.value(id);
    writer.name("error", true);
    writer.beginObject();
    writer.name("code", true);
    writer.value(code);
    writer.name("message", true);
    writer.value(message);
    writer.endObject();
    writer.endObject();
  }
}
