// SPDX-License-Identifier: Apache-2.0
// What a cloud platform decides about the wire of a gateway.

import type { Reason } from "../core/errors.js";
import type { AttributeReader, AttributeScope, RpcRequest } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonWriter } from "./json-writer.js";

/** The answer to a request for attributes of a sub-device. */
export interface SubDeviceValues {
  readonly id: number;
  readonly device: string;
  /** Of the one name that was asked for; undefined where it was not found, or several were asked for. */
  readonly value: Json | undefined;
  /** What was found of several names. */
  readonly values: ReadonlyMap<string, Json>;
}

/** A call of the server to a sub-device. Its id is of that sub-device alone. */
export interface SubDeviceCall {
  readonly id: number;
  readonly device: string;
  /** What it asks for, or why that was not understood. */
  readonly request: RpcRequest | Reason;
}

/** How a gateway speaks for the devices behind it; their telemetry is in `TelemetryDialect.gateway`. */
export interface GatewayDialect {
  readonly connectTopic: string;
  readonly disconnectTopic: string;
  readonly attributesTopic: string;
  readonly updateFilter: string;
  readonly requestTopic: string;
  readonly responseFilter: string;
  readonly callFilter: string;
  readonly replyTopic: string;
  readonly claimTopic: string;
  /** Whether a message on this topic is about sub-devices. */
  isOwn(topic: string): boolean;
  /** `type` undefined is the platform's choice. */
  writeConnect(writer: JsonWriter, device: string, type: string | undefined): void;
  writeDisconnect(writer: JsonWriter, device: string): void;
  /** A message about several sub-devices, each of them once: attributes by `writer.name` and a value, or what a claim consists of. */
  beginMessage(writer: JsonWriter): void;
  beginDevice(writer: JsonWriter, device: string): void;
  endDevice(writer: JsonWriter): void;
  endMessage(writer: JsonWriter): void;
  /** Most bytes that `endDevice` and `endMessage` write together. */
  readonly closingBytes: number;
  /** One name or more. */
  writeRequest(writer: JsonWriter, id: number, device: string, scope: AttributeScope, names: readonly string[]): void;
  readResponse(payload: Uint8Array, byteLength: number): SubDeviceValues | Reason;
  /** As `AttributesDialect.readUpdate`. */
  readUpdate(payload: Uint8Array, byteLength: number, reader: SubDeviceReader): Reason | undefined;
  readCall(payload: Uint8Array, byteLength: number): SubDeviceCall | Reason;
  beginReply(writer: JsonWriter, device: string, id: number): void;
  endReply(writer: JsonWriter): void;
}

export interface SubDeviceReader extends AttributeReader {
  /** Comes first. False when nothing of it is of interest. */
  onDevice(device: string): boolean;
}
