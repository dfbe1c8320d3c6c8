// SPDX-License-Identifier: Apache-2.0

import { type Asset, type Attribute, hasFlag, meta, type Point } from "./asset.js";
import { newId } from "./asset-id.js";
import type { AssetStore } from "./asset-store.js";
import type { EventBus } from "./event-bus.js";
import type { LogSink } from "./log.js";
import { coerce } from "./values.js";

/** Milliseconds for which a gateway may acknowledge an event. */
const pendingLifetime = 24 * 3_600_000;

export interface AttributeWrite {
  readonly assetId: string;
  readonly name: string;
  readonly value: unknown;
  /** Milliseconds since 1970; none, or not above 0: now. */
  readonly timestamp?: number;
  /** Of the client, for the log. */
  readonly clientId?: string;
  /** Through the Gateway API: then no gateway is asked before. */
  readonly isGatewayApi?: boolean;
}

export interface PendingEvent {
  readonly ackId: string;
  readonly gateway: Asset;
  readonly write: AttributeWrite;
  readonly expiry: number;
}

/** A value that got into an attribute, or came too late for that and only into its history. */
export interface StoredValue {
  readonly asset: Asset;
  readonly name: string;
  readonly value: unknown;
  readonly timestamp: number;
  readonly isLate: boolean;
}

export interface AttributeWriterOptions {
  readonly assets: AssetStore;
  readonly bus: EventBus;
  readonly now: () => number;
  readonly log: LogSink;
  readonly onPending: (event: PendingEvent) => void;
  readonly onStored: (stored: StoredValue) => void;
}

/** The one way by which values get into attributes. */
export class AttributeWriter {
  readonly #options: AttributeWriterOptions;
  readonly #pending = new Map<string, PendingEvent>();
  readonly #history = new Map<string, Point[]>();

  constructor(options: AttributeWriterOptions) {
    this.#options = options;
  }

  /** Events that wait for the acknowledgement of a gateway. */
  get pending(): PendingEvent[] {
    return [...this.#pending.values()];
  }

  /** In the order of their times. */
  historyOf(assetId: string, name: string): readonly Point[] {
    return this.#history.get(`${assetId}/${name}`) ?? [];
  }

  write(write: AttributeWrite): void {
    const now = this.#options.now();
    const wanted = write.timestamp ?? 0;
    const timestamp = wanted > 0 ? Math.min(wanted, now) : now;
    const asset = this.#options.assets.get(write.assetId);
    const attribute = asset?.attributes.get(write.name);
    if (!asset || !attribute) {
      this.#drop(write, "no such attribute");
      return;
    }
    const coercion = coerce(attribute, write.value);
    if ("defect" in coercion) {
      this.#drop(write, coercion.defect);
      return;
    }
    const gateway = write.isGatewayApi ? undefined : this.#options.assets.gatewayOf(asset.id);
    if (gateway) this.#park(gateway, { ...write, ...coercion, timestamp }, now + pendingLifetime);
    else if (!this.#store(asset, attribute, { ...coercion, timestamp })) this.#drop(write, "outdated");
  }

  /** Unknown and outdated ids are ignored. */
  acknowledge(ackId: string): void {
    const pending = this.#pending.get(ackId);
    if (!pending || pending.expiry < this.#options.now()) return;
    this.#pending.delete(ackId);
    this.write({ ...pending.write, isGatewayApi: true });
  }

  #park(gateway: Asset, write: AttributeWrite, expiry: number): void {
    const pending = { ackId: newId(), gateway, write, expiry };
    this.#pending.set(pending.ackId, pending);
    this.#options.onPending(pending);
  }

  /** @returns whether it became the attribute's value */
  #store(asset: Asset, attribute: Attribute, point: Point): boolean {
    this.#keep(asset, attribute, point);
    const isLate = point.timestamp < attribute.timestamp;
    if (!isLate) this.#set(asset, attribute, point);
    this.#options.onStored({ asset, name: attribute.name, ...point, isLate });
    return !isLate;
  }

  #set(asset: Asset, attribute: Attribute, { timestamp, value }: Point): void {
    const { id: assetId, realm, parentId } = asset;
    const oldTimestamp = attribute.timestamp;
    attribute.value = value;
    attribute.timestamp = timestamp;
    const path = this.#options.assets.pathOf(asset);
    const place = { assetId, realm, parentId, path };
    const isDeleted = false;
    this.#options.bus.publish({ kind: "attribute", ...place, attribute, value, timestamp, oldTimestamp, isDeleted });
  }

  #keep(asset: Asset, attribute: Attribute, point: Point): void {
    if (!hasFlag(attribute, meta.storeDataPoints) || point.value === null) return;
    const key = `${asset.id}/${attribute.name}`;
    const others = (this.#history.get(key) ?? []).filter(({ timestamp }) => timestamp !== point.timestamp);
    this.#history.set(
      key,
      [...others, point].sort((a, b) => a.timestamp - b.timestamp),
    );
  }

  #drop({ assetId, name, clientId = "" }: AttributeWrite, reason: string): void {
    this.#options.log({ kind: "dropped", clientId, topic: `${assetId}/${name}`, reason });
  }
}
