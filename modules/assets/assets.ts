// SPDX-License-Identifier: Apache-2.0

import type {
  AssetEvent,
  AssetScope,
  AssetsDialect,
  AttributeEvent,
  AttributeSelection,
  EventKind,
  EventsDialect,
  Operation,
  OperationsDialect,
  PendingEvent,
} from "../cloud/assets-dialect.js";
import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Text } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import type { Link } from "../session/link.js";
import { Acknowledgements } from "./acknowledgements.js";
import { type OperationCallback, OperationQueue } from "./operation-queue.js";
import { Repetitions } from "./repetitions.js";

export interface AssetsOptions {
  readonly link: Link;
  readonly dialect: AssetsDialect;
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly log: LogSink;
}

export interface OperationOptions {
  /** Longest wait for the answer, 1 ms to 12 days. Default 10 s. What the server denies is not answered. */
  readonly timeout?: Milliseconds;
}

export interface SubscriptionOptions {
  /** "gateway": by the MQTT Gateway API. Default "released". */
  readonly api?: "released" | "gateway";
}

/** An asset as the server wants it described, by its names. */
export type AssetTemplate = Readonly<Record<string, unknown>>;

export type ValueHandler = (assetId: string, name: string, value: Json) => void;

const defaultTimeout: Milliseconds = 10_000;

/** 12 days: half the span that `Clock.elapsed` can tell. */
const longestTimeout: Milliseconds = 0x3fff_ffff;

/** Bytes of a template or of values. */
const maxRequestBytes = 8_192;

const nothing = new Uint8Array(0);

/**
 * `device.assets`: the assets of the realm. Every operation ends with its callback, exactly once and never inside the call: see
 * `OperationQueue`, and "operation-invalid", "operation-conflict", "operation-not-found", "operation-unauthorized" and "operation-failed", which
 * are the server's answers. Operations throw `RangeError` where the manager is not said to have them, and `TypeError` or `RangeError`
 * for arguments that no server would take.
 */
export class Assets {
  /** Events that were not understood, handlers that threw, and acknowledgements that were denied, by reason. */
  readonly failures: FailureLog;
  readonly #options: AssetsOptions;
  readonly #queue: OperationQueue | undefined;
  /** Made with the first handler of pending events. */
  #acknowledgements: Acknowledgements | undefined;
  readonly #boot: number;
  #created = 0;

  constructor(options: AssetsOptions) {
    const { link, dialect, clock, log, random } = options;
    const { operations } = dialect;
    this.#options = options;
    this.#boot = random();
    this.failures = new FailureLog(clock, log, "assets.event");
    this.#queue = operations && new OperationQueue({ link, dialect: operations, clock, log });
  }

  /** `result` is the event of the creation. The template has `type` and `name`, and no `id` without `realm`. */
  create(template: AssetTemplate, options: OperationOptions, callback: OperationCallback): void {
    for (const name of ["type", "name"])
      if (typeof template?.[name] !== "string" || template[name] === "")
        throw new TypeError(`template.${name}: no text`);
    // The server would look for the realm in the template then, and fail.
    if (template.id !== undefined && template.realm === undefined) throw new RangeError("template.realm: goes with id");
    this.#created += 1;
    const identifier = `${this.#boot.toString(16)}-${this.#created}`;
    this.#request({ kind: "create", identifier }, this.#json(template, "template"), options, callback);
  }

  /** `result` is the asset. */
  get(assetId: string, options: OperationOptions, callback: OperationCallback): void {
    this.#request({ kind: "get", assetId }, nothing, options, callback);
  }

  /**
   * Replaces the asset: attributes that the template lacks are deleted. It must say `parentId`, null for none, because the server would
   * take the asset out of its parent otherwise. Get, change, and send all of it. `result` is the event of the change.
   */
  update(assetId: string, template: AssetTemplate, options: OperationOptions, callback: OperationCallback): void {
    for (const name of ["type", "name", "attributes", "parentId"])
      if (template?.[name] === undefined) throw new TypeError(`template.${name}: missing, and would be lost`);
    this.#request({ kind: "update", assetId }, this.#json(template, "template"), options, callback);
  }

  /** Deletes the asset and everything below it. `result` is the event of the deletion. */
  delete(assetId: string, options: OperationOptions, callback: OperationCallback): void {
    this.#request({ kind: "delete", assetId }, nothing, options, callback);
  }

  /**
   * Writes one attribute. The answer says that the server has understood, not that it has stored the value. Null, which would be stored
   * as text, is for `writeAll`.
   */
  write(assetId: string, name: string, value: unknown, options: OperationOptions, callback: OperationCallback): void {
    if (value === null && this.#operations.takesBareText)
      throw new RangeError("value: null would be stored as text, see writeAll");
    const isBare = typeof value === "string" && this.#operations.takesBareText;
    const bytes = isBare ? this.#bytes(value) : this.#json(value, "value");
    this.#request({ kind: "updateAttribute", assetId, name }, bytes, options, callback);
  }

  /** Writes several attributes of one asset, all or none. */
  writeAll(
    assetId: string,
    values: Readonly<Record<string, unknown>>,
    options: OperationOptions,
    callback: OperationCallback,
  ): void {
    const names = typeof values === "object" && values !== null && !Array.isArray(values) ? Object.keys(values) : [];
    if (names.length === 0) throw new TypeError("values: not an object with members");
    for (const name of names) this.#checkName(name);
    this.#request({ kind: "updateAttributes", assetId }, this.#json(values, "values"), options, callback);
  }

  /** `result` is the attribute: name, type, meta, value, timestamp. */
  getAttribute(assetId: string, name: string, options: OperationOptions, callback: OperationCallback): void {
    this.#request({ kind: "getAttribute", assetId, name }, nothing, options, callback);
  }

  /** `result` is the value, null where there is none. */
  getValue(assetId: string, name: string, options: OperationOptions, callback: OperationCallback): void {
    this.#request({ kind: "getValue", assetId, name }, nothing, options, callback);
  }

  /** Calls `handler` for each asset that is made, changed or deleted. Keep filters disjoint: the server sends copies for each. */
  onAssets(scope: AssetScope, handler: (event: AssetEvent) => void, options: SubscriptionOptions = {}): void {
    const repetitions = new Repetitions();
    this.#subscribe("asset", scope, handler, options, (_topic, payload, byteLength) => {
      if (repetitions.has(payload, byteLength)) return;
      const event = this.#options.dialect.readAssetEvent(payload, byteLength);
      this.#tell(event, handler);
    });
  }

  /** Calls `handler` for each change of an attribute. */
  onAttributes(
    scope: AttributeSelection,
    handler: (event: AttributeEvent) => void,
    options: SubscriptionOptions = {},
  ): void {
    const repetitions = new Repetitions();
    this.#subscribe("attribute", scope, handler, options, (_topic, payload, byteLength) => {
      if (repetitions.has(payload, byteLength)) return;
      const event = this.#options.dialect.readAttributeEvent(payload, byteLength);
      this.#tell(event, handler);
    });
  }

  /** As `onAttributes`, with shorter messages that do not tell the time; copies cannot be told from changes. */
  onValues(scope: AttributeSelection, handler: ValueHandler, options: SubscriptionOptions = {}): void {
    const events = this.#eventsOf(options);
    this.#subscribe("value", scope, handler, options, (topic, payload, byteLength) => {
      const address = events.addressOf(topic);
      const value = this.#options.dialect.readValue(payload, byteLength);
      if (address === undefined || value === undefined) this.failures.add("malformed-json", topic);
      else runHandler(this.failures, () => handler(address.assetId, address.name, value));
    });
  }

  /**
   * Calls `handler` for each write to an asset below the gateway that the device is. The server stores the value when it is acknowledged,
   * forgets it after 24 hours or a restart, and tells it once, to who is subscribed. The handler may be called twice for one event.
   */
  onPending(handler: (event: PendingEvent) => void): void {
    const { link, text } = this.#options;
    const operations = this.#operations;
    if (typeof handler !== "function") throw new TypeError("handler: not a function");
    this.#acknowledgements ??= new Acknowledgements({
      ...{ link, text },
      topicOf: () => operations.acknowledgeTopic(),
      onDenied: (ackId) => this.failures.add("operation-denied", `acknowledge ${ackId}`),
    });
    const repetitions = new Repetitions();
    link.subscribe({
      filter: operations.pendingFilter,
      QoS: 1,
      onMessage: (_topic, payload, byteLength) => {
        if (repetitions.has(payload, byteLength)) return;
        this.#tell(operations.readPending(payload, byteLength), handler);
      },
    });
  }

  /**
   * The gateway has done what a pending event asks for. False when 64 acknowledgements wait. Throws before `onPending`. One for which
   * three sessions in a row ended is given up.
   */
  acknowledge(ackId: string): boolean {
    if (typeof ackId !== "string" || ackId === "") throw new TypeError("ackId: no text");
    if (this.#acknowledgements === undefined) throw new RangeError("acknowledge: nobody takes pending events");
    return this.#acknowledgements.add(ackId);
  }

  get #operations(): OperationsDialect {
    const { operations } = this.#options.dialect;
    if (operations === undefined) throw new RangeError("assets: needs config.openremote.gatewayApi");
    return operations;
  }

  #eventsOf({ api = "released" }: SubscriptionOptions): EventsDialect {
    const { events, gatewayEvents } = this.#options.dialect;
    if (api === "released") return events;
    if (api !== "gateway") throw new RangeError("api: neither released nor gateway");
    if (gatewayEvents === undefined) throw new RangeError("assets: needs config.openremote.gatewayApi");
    return gatewayEvents;
  }

  #subscribe(
    kind: EventKind,
    scope: AttributeSelection,
    handler: unknown,
    options: SubscriptionOptions,
    onMessage: (topic: string, payload: Uint8Array, byteLength: number) => void,
  ): void {
    if (typeof handler !== "function") throw new TypeError("handler: not a function");
    const { of, assetId, attribute } = scope;
    const isWide = of === "realm" || of === "root";
    if (!isWide && of !== "asset" && of !== "below" && of !== "children")
      throw new RangeError("scope.of: no such scope");
    if (isWide !== (assetId === undefined))
      throw new RangeError(`scope.assetId: ${isWide ? "not" : "missing"} with "${of}"`);
    if (assetId !== undefined) this.#checkAssetId(assetId);
    if (attribute !== undefined) this.#checkName(attribute);
    const filter = this.#eventsOf(options).filterOf(kind, scope);
    if (filter === undefined) throw new RangeError(`scope.attribute: missing with "${of}" of the Gateway API`);
    this.#options.link.subscribe({ filter, QoS: 1, onMessage });
  }

  #tell<Event>(event: Event | string, handler: (event: Event) => void): void {
    if (typeof event === "string") this.failures.add("malformed-json", "an event");
    else runHandler(this.failures, () => handler(event));
  }

  #request(operation: Operation, bytes: Uint8Array, options: OperationOptions, callback: OperationCallback): void {
    if (this.#queue === undefined) throw new RangeError("assets: needs config.openremote.gatewayApi");
    const { timeout = defaultTimeout } = options;
    if (typeof callback !== "function") throw new TypeError("callback: not a function");
    if (!(timeout >= 1 && timeout <= longestTimeout)) throw new RangeError(`timeout: not 1 to ${longestTimeout} ms`);
    if ("assetId" in operation) this.#checkAssetId(operation.assetId);
    if ("name" in operation) this.#checkName(operation.name);
    this.#queue.request(operation, bytes, timeout, callback);
  }

  #checkAssetId(id: unknown): void {
    if (typeof id !== "string") throw new TypeError("assetId: not a string");
    const problem = this.#options.dialect.assetIdProblem(id);
    if (problem !== undefined) throw new RangeError(`assetId: "${id}" ${problem}`);
  }

  #checkName(name: unknown): void {
    if (typeof name !== "string") throw new TypeError("name: not a string");
    const problem = this.#options.dialect.nameProblem(name);
    if (problem !== undefined) throw new RangeError(`name: "${name}" ${problem}`);
  }

  /** Throws `TypeError` or `RangeError` for what is no JSON. */
  #json(value: unknown, label: string): Uint8Array {
    // Made anew each time: operations are rare, and most devices have none.
    const writer = new JsonWriter(this.#options.text, maxRequestBytes);
    writer.tree(value, label);
    if (writer.hasOverflowed) throw new RangeError(`${label}: over ${maxRequestBytes} bytes`);
    return writer.bytes.slice(0, writer.byteLength);
  }

  #bytes(string: string): Uint8Array {
    const { text } = this.#options;
    const bytes = new Uint8Array(text.byteLength(string));
    text.encodeInto(string, bytes, 0);
    return bytes;
  }
}
