// SPDX-License-Identifier: Apache-2.0

import { ClientAttributes } from "../attributes/client.js";
import { LastKnown } from "../attributes/last-known.js";
import { AttributeRequests, type AttributesCallback } from "../attributes/request.js";
import { SharedAttributes, type SharedHandler } from "../attributes/shared.js";
import { SharedErrors } from "../attributes/shared-errors.js";
import type { SharedType, SharedValue } from "../cloud/declaration.js";
import type { Milliseconds } from "../core/ports.js";
import type { Parts } from "./parts.js";

/** What the device tells of itself, whatever the program does. */
const ownNames: readonly string[] = Object.freeze([
  ...[
    "lastReset",
    "logLevel",
    "logRate",
    "provisioningRefusal",
    "quarantined",
    "reportRulesError",
    "safeMode",
    "sharedErrors",
  ],
]);

/** `device.attributes`: what the device says of itself, and what the server sets for it. */
export class DeviceAttributes {
  readonly #client: ClientAttributes;
  readonly #requests: AttributeRequests;
  readonly #lastKnown: LastKnown;
  readonly #shared: SharedAttributes;

  constructor(parts: Parts) {
    const options = { ...parts, dialect: parts.dialect.attributes };
    this.#client = new ClientAttributes({ ...options, reserved: ownNames });
    this.#requests = new AttributeRequests(options);
    this.#lastKnown = new LastKnown(parts);
    const errors = new SharedErrors(this.#client);
    this.#shared = new SharedAttributes({ ...options, requests: this.#requests, lastKnown: this.#lastKnown, errors });
  }

  /** See `ClientAttributes.publish`. */
  publish(values: Readonly<Record<string, unknown>>): void {
    this.#client.publish(values);
  }

  /** See `SharedAttributes.onShared`. */
  onShared(name: string, handler: SharedHandler): void {
    this.#shared.onShared(name, handler);
  }

  /** See `SharedAttributes.declareShared`. */
  declareShared<const Type extends SharedType>(
    name: string,
    type: Type,
    handler: (value: SharedValue<Type>) => void,
  ): void {
    this.#shared.declareShared(name, type, handler);
  }

  /** Asks for attributes by name, client and shared; `timeout` defaults to 10 s. See `AttributeRequests.request`. */
  request(
    names: { readonly client?: readonly string[]; readonly shared?: readonly string[] },
    options: { readonly timeout?: Milliseconds },
    callback: AttributesCallback,
  ): void {
    this.#requests.request(names.client ?? [], names.shared ?? [], options.timeout ?? 10_000, callback);
  }

  /** Stores at once what the server has set since it was last stored. */
  store(): void {
    this.#lastKnown.store();
  }
}
