// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Operation, OperationFailure, OperationsDialect, PendingEvent } from "./assets-dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { OpenRemoteAddress } from "./openremote-address.js";
import { readAttributeNews } from "./openremote-news.js";

const responseEnd = "/response";

const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["BAD_REQUEST", "operation-invalid"],
  ["CONFLICT", "operation-conflict"],
  ["NOT_FOUND", "operation-not-found"],
  ["UNAUTHORIZED", "operation-unauthorized"],
  ["FORBIDDEN", "operation-unauthorized"],
  ["INTERNAL_SERVER_ERROR", "operation-failed"],
]);

/** The operations of OpenRemote's MQTT Gateway API. What is denied has no response: the session ends for it. */
export class OpenRemoteOperations implements OperationsDialect {
  readonly responseFilters: readonly string[] = Object.freeze([
    "operations/assets/+/create/response",
    "operations/assets/+/get/response",
    "operations/assets/+/update/response",
    "operations/assets/+/delete/response",
    "operations/assets/+/attributes/update/response",
    "operations/assets/+/attributes/+/update/response",
    "operations/assets/+/attributes/+/get/response",
    "operations/assets/+/attributes/+/get-value/response",
  ]);
  /** Quotes would be stored with it. */
  readonly takesBareText = true;
  readonly pendingFilter = "gateway/events/pending";
  readonly #scanner: JsonScanner;
  readonly #address: OpenRemoteAddress;

  constructor(scanner: JsonScanner, address: OpenRemoteAddress) {
    this.#scanner = scanner;
    this.#address = address;
  }

  keyOf(operation: Operation): string {
    return `operations/assets/${tailOf(operation)}`;
  }

  topicOf(key: string): string {
    return this.#address.resolve(key);
  }

  keyIn(responseTopic: string): string {
    const tail = this.#address.tailOf(responseTopic) ?? "";
    return tail.slice(0, Math.max(0, tail.length - responseEnd.length));
  }

  readResponse(
    operation: Operation,
    payload: Uint8Array,
    byteLength: number,
  ): { readonly result: Json } | OperationFailure {
    const result = this.#scanner.scan(payload, 0, byteLength);
    if (result === undefined) return { reason: "malformed-json", message: "the response" };
    if (!(result instanceof Map)) return { result };
    const response: ReadonlyMap<string, Json> = result;
    const failure = failureIn(response);
    // A value may have these members by itself.
    const isValue = operation.kind === "getValue" && (failure?.isKnown !== true || !response.has("message"));
    if (failure !== undefined && !isValue) return failure;
    if (operation.kind === "getValue" && isWholeAttribute(response, operation.name)) return { result: null };
    return { result };
  }

  acknowledgeTopic(): string {
    return this.#address.resolve("gateway/events/acknowledge");
  }

  /** `{"ackId":"…","event":{…}}` */
  readPending(payload: Uint8Array, byteLength: number): PendingEvent | Reason {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const ackId: unknown = root.get("ackId");
    const event = readAttributeNews(root.get("event"));
    return typeof ackId === "string" && typeof event === "object" ? { ackId, ...event } : "malformed-json";
  }
}

function tailOf(operation: Operation): string {
  switch (operation.kind) {
    case "create":
      return `${operation.identifier}/create`;
    case "updateAttributes":
      return `${operation.assetId}/attributes/update`;
    case "updateAttribute":
      return `${operation.assetId}/attributes/${operation.name}/update`;
    case "getAttribute":
      return `${operation.assetId}/attributes/${operation.name}/get`;
    case "getValue":
      return `${operation.assetId}/attributes/${operation.name}/get-value`;
    default:
      return `${operation.assetId}/${operation.kind}`;
  }
}

/** `{"type":"error","error":"…","message":"…"}`. An asset has a type, too: the name of its class. */
function failureIn(
  response: ReadonlyMap<string, Json>,
): (OperationFailure & { readonly isKnown: boolean }) | undefined {
  const error = response.get("error");
  if (response.get("type") !== "error" || typeof error !== "string") return undefined;
  const reason = reasons.get(error);
  const message = `${error}: ${String(response.get("message") ?? "")}`;
  return { reason: reason ?? "operation-failed", message, isKnown: reason !== undefined };
}

/** Instead of the value of an attribute that has none, the manager sends the attribute. */
function isWholeAttribute(response: ReadonlyMap<string, Json>, name: string): boolean {
  const isAttribute = response.get("name") === name && response.has("type") && response.has("meta");
  return isAttribute && (response.get("value") ?? null) === null;
}
