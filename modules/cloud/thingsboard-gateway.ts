// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { AttributeScope } from "./dialect.js";
import type { GatewayDialect, SubDeviceCall, SubDeviceReader, SubDeviceValues } from "./gateway-dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";
import { reportThingsBoardUpdate } from "./thingsboard-attributes.js";
import { readThingsBoardCall } from "./thingsboard-rpc.js";
import { maxTopicId } from "./topic-id.js";

const prefix = "v1/gateway/";

/** ThingsBoard's gateway API. It has no short topics, and no device profile renames these. */
export class ThingsBoardGateway implements GatewayDialect {
  readonly connectTopic = "v1/gateway/connect";
  readonly disconnectTopic = "v1/gateway/disconnect";
  readonly attributesTopic = "v1/gateway/attributes";
  readonly updateFilter = "v1/gateway/attributes";
  readonly requestTopic = "v1/gateway/attributes/request";
  readonly responseFilter = "v1/gateway/attributes/response";
  readonly callFilter = "v1/gateway/rpc";
  readonly replyTopic = "v1/gateway/rpc";
  readonly claimTopic = "v1/gateway/claim";
  /** Of `}}`. */
  readonly closingBytes = 2;
  readonly #scanner: JsonScanner;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  isOwn(topic: string): boolean {
    return topic.startsWith(prefix);
  }

  /** `{"device":"…","type":"…"}`: the type is a device profile, and "default" where it is absent. It matters for new devices only. */
  writeConnect(writer: JsonWriter, device: string, type: string | undefined): void {
    writer.beginObject();
    member(writer, "device", device);
    if (type !== undefined) member(writer, "type", type);
    writer.endObject();
  }

  writeDisconnect(writer: JsonWriter, device: string): void {
    this.writeConnect(writer, device, undefined);
  }

  beginMessage(writer: JsonWriter): void {
    writer.beginObject();
  }

  beginDevice(writer: JsonWriter, device: string): void {
    writer.name(device);
    writer.beginObject();
  }

  endDevice(writer: JsonWriter): void {
    writer.endObject();
  }

  endMessage(writer: JsonWriter): void {
    writer.endObject();
  }

  /** `{"id":1,"device":"…","client":true,"key":"…"}`, or `"keys":["…",…]`, which is no string with commas here. */
  writeRequest(writer: JsonWriter, id: number, device: string, scope: AttributeScope, names: readonly string[]): void {
    writer.beginObject();
    member(writer, "id", id);
    member(writer, "device", device);
    member(writer, "client", scope === "client");
    if (names.length === 1) member(writer, "key", names[0] as string);
    else {
      writer.name("keys", true);
      writer.tree(names);
    }
    writer.endObject();
  }

  /** `{"id":1,"device":"…","value":…}` or `{"id":1,"device":"…","values":{…}}`; neither where nothing was found. */
  readResponse(payload: Uint8Array, byteLength: number): SubDeviceValues | Reason {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const id = readId(root.get("id"));
    const device: unknown = root.get("device");
    const values: unknown = root.get("values") ?? none;
    if (id < 0 || typeof device !== "string" || !(values instanceof Map)) return "malformed-json";
    return { id, device, value: root.get("value"), values };
  }

  /** `{"device":"…","data":{…}}`. */
  readUpdate(payload: Uint8Array, byteLength: number, reader: SubDeviceReader): Reason | undefined {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const device: unknown = root.get("device");
    const data: unknown = root.get("data");
    if (typeof device !== "string" || !(data instanceof Map)) return "malformed-json";
    if (reader.onDevice(device)) reportThingsBoardUpdate(data, reader);
    return undefined;
  }

  /** `{"device":"…","data":{"id":1,"method":"…","params":…}}`. */
  readCall(payload: Uint8Array, byteLength: number): SubDeviceCall | Reason {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const device: unknown = root.get("device");
    const data: Json = root.get("data") ?? null;
    const id = data instanceof Map ? readId(data.get("id")) : -1;
    if (id < 0 || typeof device !== "string") return "malformed-json";
    return { id, device, request: readThingsBoardCall(data) };
  }

  /** `{"device":"…","id":1,"data":…}`. */
  beginReply(writer: JsonWriter, device: string, id: number): void {
    writer.beginObject();
    member(writer, "device", device);
    member(writer, "id", id);
    writer.name("data", true);
  }

  endReply(writer: JsonWriter): void {
    writer.endObject();
  }
}

const none: ReadonlyMap<string, Json> = new Map();

function member(writer: JsonWriter, name: string, value: string | number | boolean): void {
  writer.name(name, true);
  writer.value(value);
}

function readId(id: Json | undefined): number {
  return typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= maxTopicId ? id : -1;
}
