// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { AttributeReader, AttributeRequestsDialect, AttributeScope, AttributesDialect } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";
import { idInTopic } from "./topic-id.js";

const responsePrefix = "v2/a/res/";

/**
 * ThingsBoard's attributes on the short topics. All four are of one flavour, because the server sends updates in the flavour
 * of the last SUBSCRIBE and responses in that of the last request; and a device profile can rename the v1 topics but not these.
 */
export class ThingsBoardAttributes implements AttributesDialect, AttributeRequestsDialect {
  readonly publishTopic = "v2/a";
  readonly updateFilter = "v2/a";
  readonly maxPublished = Number.POSITIVE_INFINITY;
  readonly responseFilter = `${responsePrefix}+`;
  readonly #scanner: JsonScanner;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  topicOf(): string {
    return this.publishTopic;
  }

  /** Any that is not blank. */
  nameProblem(): undefined {
    return undefined;
  }

  isRefused(): boolean {
    return false;
  }

  /** The server ends no session for an attribute. */
  refuse(): void {}

  beginMessage(writer: JsonWriter): void {
    writer.beginObject();
  }

  writeAttribute(writer: JsonWriter, name: string, value: Json): void {
    writer.name(name);
    writer.tree(value);
  }

  endMessage(writer: JsonWriter): void {
    writer.endObject();
  }

  requestTopic(id: number): string {
    return `v2/a/req/${id}`;
  }

  responseId(topic: string): number {
    return idInTopic(responsePrefix, topic);
  }

  writeRequest(writer: JsonWriter, client: readonly string[], shared: readonly string[]): void {
    writer.beginObject();
    if (client.length > 0) {
      writer.name("clientKeys");
      writer.value(client.join(","));
    }
    if (shared.length > 0) {
      writer.name("sharedKeys");
      writer.value(shared.join(","));
    }
    writer.endObject();
  }

  /** `{"name":value,…}` or `{"deleted":["name",…]}`; a shared attribute called "deleted" that holds names cannot be told apart. */
  readUpdate(_topic: string, payload: Uint8Array, byteLength: number, reader: AttributeReader): Reason | undefined {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    reportThingsBoardUpdate(root, reader);
    return undefined;
  }

  /** `{"client":{…},"shared":{…}}`; a scope in which nothing was found is absent. */
  readResponse(payload: Uint8Array, byteLength: number, reader: AttributeReader): Reason | undefined {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const client: unknown = root.get("client") ?? none;
    const shared: unknown = root.get("shared") ?? none;
    if (!(client instanceof Map && shared instanceof Map)) return "malformed-json";
    report("client", client, reader);
    report("shared", shared, reader);
    return undefined;
  }
}

const none: ReadonlyMap<string, Json> = new Map();

function report(scope: AttributeScope, values: ReadonlyMap<string, Json>, reader: AttributeReader): void {
  for (const [name, value] of values) reader.onValue(scope, name, value);
}

function isListOfNames(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");
}

/** `{"name":value,…}` or `{"deleted":["name",…]}`; a shared attribute called "deleted" that holds names cannot be told apart. */
export function reportThingsBoardUpdate(update: ReadonlyMap<string, Json>, reader: AttributeReader): void {
  for (const [name, value] of update) {
    if (name === "deleted" && isListOfNames(value)) for (const deleted of value) reader.onDeleted(deleted);
    else reader.onValue("shared", name, value);
  }
}
