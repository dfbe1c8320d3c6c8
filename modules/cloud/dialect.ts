// SPDX-License-Identifier: Apache-2.0
// What a cloud platform decides about the wire, in our words.

import type { Reason } from "../core/errors.js";
import type { Milliseconds } from "../core/ports.js";
import type { Credentials } from "./credentials.js";
import type { GatewayDialect } from "./gateway-dialect.js";
import type { Json } from "./json.js";
import type { JsonWriter } from "./json-writer.js";

export interface TelemetryDialect {
  /** Most data in one message, infinite where there is no limit. */
  readonly maxCount: number;
  /** `name` is that of the first datum in the message. `isDated` says that the message tells the time. */
  topicOf(name: string, isDated: boolean): string;
  /** What is wrong with the name of a datum by the platform's rules, undefined when nothing is. */
  nameProblem(name: string): string | undefined;
  /** Whether data of this name are not published: the platform ended sessions for them, or would. */
  isRefused(name: string): boolean;
  /** Most bytes that `endInstant` and `endMessage` write together. */
  readonly closingBytes: number;
  beginMessage(writer: JsonWriter): void;
  /**
   * Opens the group of one instant; `epoch` undefined lets the server stamp it. Then come `writeName` and a value per datum. `remark` is
   * one of `GatewayTelemetryDialect.remark`.
   */
  beginInstant(writer: JsonWriter, epoch: Milliseconds | undefined, remark?: string): void;
  /** `isPlain` says that nothing in the name needs escaping. */
  writeName(writer: JsonWriter, name: string, isPlain: boolean): void;
  /** Whether a datum of this name must not share an instant that the server stamps with any other. */
  standsAlone(name: string): boolean;
  endInstant(writer: JsonWriter, epoch: Milliseconds | undefined): void;
  endMessage(writer: JsonWriter): void;
  /** How a gateway publishes data of its sub-devices; undefined where there are none in telemetry. */
  readonly gateway: GatewayTelemetryDialect | undefined;
}

/** A message about sub-devices: each of them once, with the instants that `TelemetryDialect` writes. */
export interface GatewayTelemetryDialect {
  readonly topic: string;
  /** Most bytes that `TelemetryDialect.endInstant`, `endSource` and `endMessage` write together. */
  readonly closingBytes: number;
  beginMessage(writer: JsonWriter): void;
  /** Opens the data of a sub-device; `isPlain` says that nothing in its name needs escaping. */
  beginSource(writer: JsonWriter, name: string, isPlain: boolean): void;
  endSource(writer: JsonWriter): void;
  endMessage(writer: JsonWriter): void;
  /** JSON that has the platform measure how long data were under way: recorded for `connector` at one time, published at another. */
  remark(connector: string, recorded: Milliseconds, published: Milliseconds): string;
  /** Whether the platform takes a key of that name for something else than a datum of a sub-device. */
  isReserved(key: string): boolean;
}

export type AttributeScope = "client" | "shared";

export interface AttributeReader {
  onValue(scope: AttributeScope, name: string, value: Json): void;
  onDeleted(name: string): void;
}

export interface AttributesDialect {
  readonly updateFilter: string;
  /** Most attributes in one message, infinite where there is no limit. */
  readonly maxPublished: number;
  /** `name` is that of the first attribute in the message. */
  topicOf(name: string): string;
  /** What is wrong with a name by the platform's rules, undefined when nothing is. */
  nameProblem(name: string): string | undefined;
  /** Whether the attribute is not published: the platform ended sessions for it, or would. */
  isRefused(name: string): boolean;
  /** Sessions ended right after this attribute was published, and not for another reason. */
  refuse(name: string): void;
  beginMessage(writer: JsonWriter): void;
  writeAttribute(writer: JsonWriter, name: string, value: Json): void;
  endMessage(writer: JsonWriter): void;
  /** Undefined when understood. Nothing is reported to `reader` of a message that is not. */
  readUpdate(topic: string, payload: Uint8Array, byteLength: number, reader: AttributeReader): Reason | undefined;
}

/** How the values of attributes are asked for. */
export interface AttributeRequestsDialect {
  readonly responseFilter: string;
  requestTopic(id: number): string;
  /** The request's id in the topic of a response, or -1. */
  responseId(topic: string): number;
  /** Writes the body of a request for the named attributes; no names at all asks for every attribute. */
  writeRequest(writer: JsonWriter, client: readonly string[], shared: readonly string[]): void;
  /** Undefined when understood. Nothing is reported to `reader` of a message that is not. */
  readResponse(payload: Uint8Array, byteLength: number, reader: AttributeReader): Reason | undefined;
}

export interface RpcRequest {
  readonly method: string;
  readonly params: Json;
}

/** Rates are "count:seconds" pairs; none do not limit. */
export interface RateLimits {
  readonly messages: readonly RateLimit[];
  readonly telemetryMessages: readonly RateLimit[];
  readonly telemetryDataPoints: readonly RateLimit[];
}

/** What a session may do at most, from the server; undefined members are not limited. The rates are for the device itself. */
export interface SessionLimits extends RateLimits {
  readonly maxPayload: number | undefined;
  readonly maxInflight: number | undefined;
  /** For all sub-devices of a gateway together. */
  readonly subDevices?: RateLimits;
}

export interface RateLimit {
  readonly count: number;
  readonly period: Milliseconds;
}

/** Calls by the server to the device, or to a device behind it. */
export interface RpcDialect {
  /** Sub-devices that a reply is of, for `Link.publish`: 0 for the device itself. */
  readonly devices: 0 | 1;
  readonly requestFilter: string;
  /**
   * Tells a request from all others of the session, an integer from 0; or why it cannot be answered. Undefined for what came by the
   * filter and is no request.
   */
  requestId(topic: string, payload: Uint8Array, byteLength: number): number | Reason | undefined;
  /** The request whose id was asked for last. */
  readRequest(payload: Uint8Array, byteLength: number): RpcRequest | Reason;
  responseTopic(id: number): string;
  /** What stands before and behind the result in the reply to a request that succeeded. */
  beginResult(writer: JsonWriter, id: number): void;
  endResult(writer: JsonWriter): void;
  /** Writes the reply to a request that failed. */
  writeFailure(writer: JsonWriter, id: number, code: string, message: string): void;
}

/** Calls of methods of the server. */
export interface CallDialect {
  readonly callResponseFilter: string;
  callTopic(id: number): string;
  callResponseId(topic: string): number;
  writeCall(writer: JsonWriter, method: string, params: unknown): void;
  /** The server's answer, or the reason why it is an error. */
  readCallResponse(payload: Uint8Array, byteLength: number): { readonly result: Json } | Reason;
  /** Method that asks for the limits of this session; undefined where the platform has none. */
  readonly sessionLimitsMethod: string | undefined;
  readSessionLimits(result: Json): SessionLimits | Reason;
}

export interface ProvisionRequest {
  /** Key and secret of the device profile. */
  readonly deviceKey: string;
  readonly deviceSecret: string;
  /** Undefined lets the server choose one. */
  readonly deviceName: string | undefined;
  readonly isGateway: boolean;
  /** What the device has chosen; undefined lets the server make an access token. */
  readonly credentials: Credentials | undefined;
}

/** Either what the device is to use from now on, or the server's words for its refusal. */
export type ProvisionReply =
  | { readonly credentials: Credentials; readonly refusal: undefined }
  | { readonly credentials: undefined; readonly refusal: string };

export interface ProvisioningDialect {
  /** User name of the session in which a device without credentials may ask for some. */
  readonly user: string;
  readonly requestTopic: string;
  readonly responseTopic: string;
  writeRequest(writer: JsonWriter, request: ProvisionRequest): void;
  readReply(payload: Uint8Array, byteLength: number, request: ProvisionRequest): ProvisionReply | Reason;
}

/** Whose a connection is from now on, and what the asset holds. */
export interface ProvisionedAsset {
  readonly realm: string;
  readonly assetId: string;
  /** By attribute; those without a value are absent. */
  readonly values: ReadonlyMap<string, Json>;
}

/** `word` is the server's, for the log. */
export interface ProvisioningRefusal {
  readonly reason: Reason;
  readonly word: string;
}

/** How a connection becomes the device's by a certificate. */
export interface CertificateDialect {
  readonly requestTopic: string;
  readonly responseTopic: string;
  /** Bytes of a request. */
  readonly requestLength: number;
  writeRequest(writer: JsonWriter): void;
  readResponse(payload: Uint8Array, byteLength: number): ProvisionedAsset | ProvisioningRefusal;
}

export interface ClaimDialect {
  readonly topic: string;
  /** Undefined members are the server's choice. */
  writeClaim(writer: JsonWriter, secretKey: string | undefined, duration: Milliseconds | undefined): void;
  /** The members of what `writeClaim` writes. */
  writeTerms(writer: JsonWriter, secretKey: string | undefined, duration: Milliseconds | undefined): void;
}

/** What the server calls the attributes by which it offers a package. */
export interface OfferNames {
  readonly title: string;
  readonly version: string;
  readonly tag: string;
  readonly size: string;
  readonly checksum: string;
  readonly algorithm: string;
  readonly url: string;
  /** Not of the platform: whoever signs packages sets it. */
  readonly signature: string;
}

/** The telemetry by which the device tells how far an update is. */
export interface UpdateKeys {
  readonly state: string;
  readonly error: string;
  /** Percent. */
  readonly progress: string;
  readonly currentTitle: string;
  readonly currentVersion: string;
}

/** Packages of one kind on the wire. */
export interface OtaDialect {
  readonly names: OfferNames;
  readonly keys: UpdateKeys;
  readonly responseFilter: string;
  /** The platform tells here why it does not answer a request, whichever kind it was about. */
  readonly errorTopic: string;
  requestTopic(id: number, chunk: number): string;
  /** The request's id in the topic of a response, or -1. */
  responseId(topic: string): number;
  /** The number of the chunk in the topic of a response, or -1. */
  responseChunk(topic: string): number;
  /** What a request carries besides: digits that ask for so many bytes. Returns how many digits went into `into`, which has room. */
  writeRequest(into: Uint8Array, chunkLength: number): number;
  readError(payload: Uint8Array, byteLength: number): Reason;
}

/** What is undefined the platform does not have. */
export interface Dialect {
  /** What the platform is called in messages to the programmer. */
  readonly name: string;
  readonly telemetry: TelemetryDialect;
  readonly attributes: AttributesDialect;
  readonly requests: AttributeRequestsDialect | undefined;
  readonly rpc: RpcDialect | undefined;
  readonly calls: CallDialect | undefined;
  readonly provisioning: ProvisioningDialect | undefined;
  readonly claim: ClaimDialect | undefined;
  readonly gateway: GatewayDialect | undefined;
  readonly firmware: OtaDialect | undefined;
  readonly software: OtaDialect | undefined;
}
