// SPDX-License-Identifier: Apache-2.0

import type { AttributesCallback } from "../attributes/request.js";
import type { SharedHandler } from "../attributes/shared.js";
import { Declaration, type SharedType, type SharedValue } from "../cloud/declaration.js";
import type { Json } from "../cloud/json.js";
import type { Reason } from "../core/errors.js";
import type { Milliseconds } from "../core/ports.js";
import type { GatewayChild } from "../gateway/child.js";
import type { Gateway } from "../gateway/gateway.js";

type Values = ReadonlyMap<string, Json>;

const none: Values = new Map();

/** `child.attributes`: what a device behind this one says of itself, and what the server sets for it. */
export class ChildAttributes {
  readonly #gateway: Gateway;
  readonly #child: GatewayChild;

  constructor(gateway: Gateway, child: GatewayChild) {
    this.#gateway = gateway;
    this.#child = child;
  }

  /** See `GatewayAttributes.publish`. */
  publish(values: Readonly<Record<string, unknown>>): void {
    this.#check();
    this.#gateway.attributes.publish(this.#child, values);
  }

  /** See `GatewayShared.add`. */
  onShared(name: string, handler: SharedHandler): void {
    this.#check();
    this.#gateway.shared.add(this.#child, name, undefined, handler);
  }

  /** As `SharedAttributes.declareShared`; nothing is known of a value before the server tells it, not even after a restart. */
  declareShared<const Type extends SharedType>(
    name: string,
    type: Type,
    handler: (value: SharedValue<Type>) => void,
  ): void {
    this.#check();
    this.#gateway.shared.add(this.#child, name, new Declaration(type), handler);
  }

  /**
   * Asks for attributes by name, client and shared; `timeout` defaults to 10 s. See `GatewayRequests.request`; for both there are two
   * requests, and the first failure is told. Throws `RangeError` where no name is given: all that there is cannot be told apart.
   */
  request(
    names: { readonly client?: readonly string[]; readonly shared?: readonly string[] },
    options: { readonly timeout?: Milliseconds },
    callback: AttributesCallback,
  ): void {
    this.#check();
    if (typeof callback !== "function") throw new TypeError("callback: not a function");
    const { client = [], shared = [] } = names;
    const { requests } = this.#gateway;
    requests.check(this.#child, client);
    requests.check(this.#child, shared);
    if (client.length + shared.length === 0) throw new RangeError("names: none");
    const timeout = options.timeout ?? 10_000;
    const answer = new Answer(callback, client.length > 0 && shared.length > 0 ? 2 : 1);
    if (client.length > 0)
      requests.request(this.#child, "client", client, timeout, (reason, values) => {
        if (values !== undefined) answer.client = values;
        answer.settle(reason);
      });
    if (shared.length > 0)
      requests.request(this.#child, "shared", shared, timeout, (reason, values) => {
        if (values !== undefined) answer.shared = values;
        answer.settle(reason);
      });
  }

  #check(): void {
    if (!this.#child.isPresent) throw new RangeError(`child: "${this.#child.name}" is disconnected`);
  }
}

/** Puts the answers of up to two requests together. */
class Answer {
  client = none;
  shared = none;
  readonly #callback: AttributesCallback;
  #missing: number;

  constructor(callback: AttributesCallback, missing: number) {
    this.#callback = callback;
    this.#missing = missing;
  }

  settle(reason: Reason | undefined): void {
    if (this.#missing === 0) return;
    this.#missing = reason === undefined ? this.#missing - 1 : 0;
    if (reason !== undefined) this.#callback(reason, undefined);
    else if (this.#missing === 0) this.#callback(undefined, { client: this.client, shared: this.shared });
  }
}
