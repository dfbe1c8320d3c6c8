// SPDX-License-Identifier: Apache-2.0

import type { ClaimDialect, RpcDialect } from "../cloud/dialect.js";
import type { GatewayDialect } from "../cloud/gateway-dialect.js";
import { JsonWriter } from "../cloud/json-writer.js";
import type { Clock, LogSink, Milliseconds, Text } from "../core/ports.js";
import type { Link } from "../session/link.js";
import { Announcer } from "./announcer.js";
import { GatewayAttributes } from "./attributes.js";
import type { GatewayChild } from "./child.js";
import { Children } from "./children.js";
import { GatewayClaims } from "./claims.js";
import { Gate } from "./gate.js";
import { type GatewayParts, maxMessageBytes } from "./options.js";
import { GatewayRequests } from "./requests.js";
import { RpcWire } from "./rpc-wire.js";
import { GatewayShared } from "./shared.js";

export interface GatewayOptions {
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly log: LogSink;
  readonly link: Link;
  readonly dialect: GatewayDialect;
  readonly claim: ClaimDialect;
  readonly rpc: RpcDialect;
  /** Devices behind the gateway, 1 to 250. */
  readonly maxChildren: number;
  /** See `GatewayAttributesOptions.capacity`. */
  readonly capacity: number;
  /** See `AnnouncerOptions.farewell`. */
  readonly farewell: Milliseconds;
}

/** The devices behind a gateway, and all that is said for them but telemetry. Construct it before the features that use `gate`. */
export class Gateway {
  readonly gate: Gate;
  readonly children: Children;
  readonly attributes: GatewayAttributes;
  readonly requests: GatewayRequests;
  readonly shared: GatewayShared;
  readonly claims: GatewayClaims;
  readonly rpc: RpcWire;
  readonly #announcer: Announcer;

  constructor(options: GatewayOptions) {
    const { clock, random, log, link, text, dialect, claim, capacity, farewell } = options;
    this.gate = new Gate(link, dialect);
    this.children = new Children(text, options.maxChildren);
    const writer = new JsonWriter(text, maxMessageBytes);
    const { gate, children } = this;
    // First of all who join: what it tells comes before what others tell.
    this.#announcer = new Announcer({
      ...{ link, gate, dialect, clock, random, log, children, writer, farewell },
      onStale: (child) => this.shared.refresh(child),
    });
    const parts: GatewayParts = { clock, random, text, log, link: gate, dialect, claim, children, writer };
    this.attributes = new GatewayAttributes({ ...parts, capacity });
    this.requests = new GatewayRequests(parts);
    this.shared = new GatewayShared({ ...parts, requests: this.requests, attributes: this.attributes });
    this.claims = new GatewayClaims(parts);
    this.rpc = new RpcWire({ ...parts, replies: link, announcer: this.#announcer, rpc: options.rpc });
  }

  /** The child of this name, there from now on. Throws as `Children.enter`. */
  enter(name: string, type: string | undefined): GatewayChild {
    const child = this.children.enter(name, type);
    this.#announcer.enter(child);
    return child;
  }

  /** See `Announcer.awaitLimits`. */
  awaitLimits(): void {
    this.#announcer.awaitLimits();
  }

  /** The server has told its limits, or does not tell them. */
  onLimits(): void {
    this.#announcer.onLimits();
  }

  /** The child is gone: nothing is asked or told of it any more but what is queued. */
  leave(child: GatewayChild): void {
    if (!child.isPresent) return;
    this.shared.forget(child);
    this.claims.forget(child);
    this.#announcer.leave(child);
  }
}
