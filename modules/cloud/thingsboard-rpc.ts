// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { CallDialect, RpcDialect, RpcRequest, SessionLimits } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";
import { readThingsBoardLimits } from "./thingsboard-limits.js";
import { idInTopic } from "./topic-id.js";

const requestPrefix = "v2/r/req/";
const callResponsePrefix = "v1/devices/me/rpc/response/";

/**
 * ThingsBoard's remote procedure calls. From server to device they use the short topics. From device to server they use the
 * v1 topics, all of them: the server knows `getSessionLimits` there only, and sends the answers to all calls in the flavour of
 * the last one, so mixing would misdirect them. The two directions do not influence each other.
 */
export class ThingsBoardRpc implements RpcDialect, CallDialect {
  readonly devices = 0;
  readonly requestFilter = `${requestPrefix}+`;
  readonly callResponseFilter = `${callResponsePrefix}+`;
  readonly sessionLimitsMethod = "getSessionLimits";
  readonly #scanner: JsonScanner;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  requestId(topic: string): number | Reason {
    const id = idInTopic(requestPrefix, topic);
    return id < 0 ? "unknown-topic" : id;
  }

  readRequest(payload: Uint8Array, byteLength: number): RpcRequest | Reason {
    return readThingsBoardCall(this.#scanner.scan(payload, 0, byteLength));
  }

  responseTopic(id: number): string {
    return `v2/r/res/${id}`;
  }

  /** The reply is the bare result. */
  beginResult(): void {}

  endResult(): void {}

  /** The platform has no form of its own for this; ours is `{"error":{"code":"…","message":"…"}}`. */
  writeFailure(writer: JsonWriter, _id: number, code: string, message: string): void {
    writer.beginObject();
    writer.name("error");
    writer.beginObject();
    writer.name("code");
    writer.value(code);
    writer.name("message");
    writer.value(message);
    writer.endObject();
    writer.endObject();
  }

  callTopic(id: number): string {
    return `v1/devices/me/rpc/request/${id}`;
  }

  callResponseId(topic: string): number {
    return idInTopic(callResponsePrefix, topic);
  }

  writeCall(writer: JsonWriter, method: string, params: unknown): void {
    writer.beginObject();
    writer.name("method");
    writer.value(method);
    writer.name("params");
    writer.tree(params);
    writer.endObject();
  }

  /** Any JSON is a result but exactly `{"error":"timeout"}`, which the server sends when its rules did not answer in 60 s. */
  readCallResponse(payload: Uint8Array, byteLength: number): { readonly result: Json } | Reason {
    const result = this.#scanner.scan(payload, 0, byteLength);
    if (result === undefined) return "malformed-json";
    if (result instanceof Map && result.size === 1 && result.get("error") === "timeout") return "request-timeout";
    return { result };
  }

  readSessionLimits(result: Json): SessionLimits | Reason {
    return readThingsBoardLimits(result);
  }
}

/** `{"method":"…","params":…}`; absent `params` are null. */
export function readThingsBoardCall(root: Json | undefined): RpcRequest | Reason {
  if (!(root instanceof Map)) return "malformed-json";
  const method: unknown = root.get("method");
  if (typeof method !== "string") return "malformed-json";
  return { method, params: root.get("params") ?? null };
}
