// SPDX-License-Identifier: Apache-2.0

import { isAssetId } from "./asset-id.js";
import { attributeFilterOf, kindOf } from "./attribute-filter.js";
import type { AttributeWriter } from "./attribute-writer.js";
import type { Authorisation } from "./authorisation.js";
import type { Client } from "./client.js";
import type { Event } from "./event.js";
import type { EventBus } from "./event-bus.js";
import { assetEventJson, attributeEventJson } from "./event-json.js";
import { type Denial, denialOf, type Handler } from "./handler.js";
import type { LogSink } from "./log.js";
import type { Publisher } from "./publisher.js";
import { Subscriptions } from "./subscriptions.js";
import type { Topic } from "./topic.js";
import { isRecord, jsonNull, parseJson, parseValue } from "./values.js";

const subscribable = ["asset", "attribute", "attributevalue"];
const publishable = ["writeattribute", "writeattributevalue"];

export interface AttributeHandlerOptions {
  readonly authorisation: Authorisation;
  readonly writer: AttributeWriter;
  readonly bus: EventBus;
  readonly publish: Publisher;
  readonly log: LogSink;
}

/** The released API: values are written one by one, and changes of them are told. */
export class AttributeHandler implements Handler {
  readonly #options: AttributeHandlerOptions;
  readonly #subscriptions: Subscriptions;

  constructor(options: AttributeHandlerOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.bus);
  }

  owns(topic: Topic): boolean {
    return subscribable.includes(kindOf(topic)) || publishable.includes(kindOf(topic));
  }

  /** Whether a client gets events. */
  hasSubscriptions(client: Client): boolean {
    return this.#subscriptions.has(client);
  }

  canSubscribe(client: Client, topic: Topic): Denial {
    const denial = denialOf(client, topic);
    if (denial || !client.user) return denial;
    if (!subscribable.includes(kindOf(topic))) return "not for subscribing";
    const filter = attributeFilterOf(topic);
    const narrowed = filter ? this.#options.authorisation.narrow(client.user, filter) : "malformed filter";
    return typeof narrowed === "string" ? narrowed : undefined;
  }

  subscribed(client: Client, topic: Topic): void {
    const filter = attributeFilterOf(topic);
    const narrowed = filter && client.user ? this.#options.authorisation.narrow(client.user, filter) : "";
    if (typeof narrowed === "string") return;
    const isValueOnly = kindOf(topic) === "attributevalue";
    this.#subscriptions.add(client, topic.join("/"), narrowed, (event) => {
      this.#options.publish(concreteTopic(topic, event), JSON.stringify(payloadOf(event, isValueOnly)));
    });
  }

  unsubscribed(client: Client, topic: Topic): void {
    this.#subscriptions.remove(client, topic.join("/"));
  }

  closed(client: Client): void {
    this.#subscriptions.removeAll(client);
  }

  canPublish(client: Client, topic: Topic): Denial {
    const denial = denialOf(client, topic);
    if (denial || !client.user) return denial;
    const [realm = "", , , name = "", assetId] = topic;
    if (!publishable.includes(kindOf(topic))) return "not for publishing";
    if (topic.length !== 5 || !isAssetId(assetId) || !/^\w+$/.test(name)) return "malformed topic";
    return this.#options.authorisation.writeAttribute(client.user, realm, assetId, name);
  }

  publish(client: Client, topic: Topic, payload: Buffer): void {
    const [, , kind, name = "", assetId = ""] = topic;
    const { clientId } = client;
    const text = payload.toString();
    // Faithful: any case is let through, and only this one is listened to.
    if (kind === "writeattributevalue") {
      this.#options.writer.write({ assetId, name, value: parseValue(text), clientId });
    } else if (kind === "writeattribute") {
      const point = pointOf(text);
      if (point) this.#options.writer.write({ assetId, name, ...point, clientId });
      else this.#drop(client, topic, "not a value with its time");
    } else {
      this.#drop(client, topic, "nobody listens");
    }
  }

  #drop({ clientId }: Client, topic: Topic, reason: string): void {
    this.#options.log({ kind: "dropped", clientId, topic: topic.join("/"), reason });
  }
}

function pointOf(text: string): { value: unknown; timestamp: number } | undefined {
  const json = parseJson(text);
  if (!isRecord(json) || !("value" in json) || !("timestamp" in json)) return undefined;
  const timestamp = Math.trunc(timeOf(json.timestamp));
  return timestamp > 0 ? { value: json.value ?? jsonNull, timestamp } : undefined;
}

/** Numbers, and texts of whole numbers; anything else is 0. */
function timeOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : 0;
}

function payloadOf(event: Event, isValueOnly: boolean): unknown {
  if (event.kind === "asset") return assetEventJson(event);
  return isValueOnly ? event.value : attributeEventJson(event);
}

/** A filter with what happened in place of its wildcards. */
function concreteTopic(filter: Topic, event: Event): string {
  const isName = (index: number): boolean => event.kind === "attribute" && index === 3;
  return filter
    .map((token, index) => {
      if (token !== "+" && token !== "#") return token;
      return isName(index) && event.kind === "attribute" ? event.attribute.name : event.assetId;
    })
    .join("/");
}
