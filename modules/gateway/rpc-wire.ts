// SPDX-License-Identifier: Apache-2.0

import type { RpcDialect, RpcRequest } from "../cloud/dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import { indifferent } from "../session/exchange.js";
import type { Link } from "../session/link.js";
import type { Announcer } from "./announcer.js";
import type { GatewayParts } from "./options.js";

/** Ids of one sub-device are below this, so that its number and an id are one number, exact up to 2^53. */
const idsPerChild = 0x8000_0000;

export interface RpcWireOptions extends GatewayParts {
  /** Replies do not wait for announcements: who is called is known to the server. */
  readonly replies: Link;
  readonly announcer: Announcer;
  /** Writes what the reply to a request that failed holds: the same as in a reply of the device itself. */
  readonly rpc: RpcDialect;
}

/** The number of the child whose request has this id. */
export function childOf(id: number): number {
  return Math.floor(id / idsPerChild);
}

/** How calls to sub-devices look to the dispatcher of calls: each sub-device has ids of its own, and all are on one topic. */
export class RpcWire implements RpcDialect {
  readonly devices = 1;
  readonly requestFilter: string;
  readonly #options: RpcWireOptions;
  /** What the message holds whose id was asked for last. */
  #request: RpcRequest | Reason = "malformed-json";

  constructor(options: RpcWireOptions) {
    this.#options = options;
    this.requestFilter = options.dialect.callFilter;
  }

  requestId(_topic: string, payload: Uint8Array, byteLength: number): number | Reason {
    const { dialect, children, announcer } = this.#options;
    const call = dialect.readCall(payload, byteLength);
    if (typeof call === "string") return call;
    const { id, device, request } = call;
    this.#request = request;
    const child = children.find(device);
    if (child?.isPresent === true) return child.number * idsPerChild + id;
    this.#refuse(device, id);
    if (child === undefined) this.#dismiss(device);
    else announcer.strays(child);
    return "unknown-device";
  }

  readRequest(): RpcRequest | Reason {
    return this.#request;
  }

  responseTopic(): string {
    return this.#options.dialect.replyTopic;
  }

  beginResult(writer: JsonWriter, id: number): void {
    const { dialect, children } = this.#options;
    // A request that a newer one of the same id has superseded has none any more, and its reply is never sent.
    const number = id < 0 ? 0 : childOf(id);
    dialect.beginReply(writer, children.at(number).name, Math.max(0, id - number * idsPerChild));
  }

  endResult(writer: JsonWriter): void {
    this.#options.dialect.endReply(writer);
  }

  writeFailure(writer: JsonWriter, id: number, code: string, message: string): void {
    this.beginResult(writer, id);
    this.#options.rpc.writeFailure(writer, id, code, message);
    this.endResult(writer);
  }

  /** Answers in the place of a device that is not there, where there is room at once. */
  #refuse(device: string, id: number): void {
    const { dialect, writer } = this.#options;
    writer.reset();
    dialect.beginReply(writer, device, id);
    this.#options.rpc.writeFailure(writer, id, "unknown-device", "not behind this gateway");
    dialect.endReply(writer);
    this.#publish(dialect.replyTopic);
  }

  /** Data of an earlier boot have brought a device up that is not there now, and the answer would do that again. */
  #dismiss(device: string): void {
    const { dialect, writer } = this.#options;
    writer.reset();
    dialect.writeDisconnect(writer, device);
    this.#publish(dialect.disconnectTopic);
  }

  #publish(topic: string): void {
    const { replies, writer } = this.#options;
    const { bytes, byteLength } = writer;
    if (writer.hasOverflowed || byteLength > replies.maxPayload) return;
    replies.publish(topic, bytes, byteLength, indifferent, 0, false, 0, 1);
  }
}
