// SPDX-License-Identifier: Apache-2.0

import { ClientAttributes } from "../attributes/client.js";
import { LastKnown } from "../attributes/last-known.js";
import { type AttributeRequester, AttributeRequests, type AttributesCallback } from "../attributes/request.js";
import { SharedAttributes, type SharedHandler } from "../attributes/shared.js";
import { SharedErrors } from "../attributes/shared-errors.js";
import type { SharedType, SharedValue } from "../cloud/declaration.js";
import type { Json } from "../cloud/json.js";
import type { Milliseconds } from "../core/ports.js";
import type { Parts } from "./parts.js";

/** What the device tells of itself, whatever the program does. */
export const ownNames: readonly string[] = Object.freeze([
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
  readonly #platform: string;
  readonly #client: ClientAttributes;
  readonly #requests: AttributeRequester | undefined;
  readonly #lastKnown: LastKnown;
  readonly #shared: SharedAttributes;

  /** `requester`: where the dialect has no requests of its own, but the server can be asked in another way. */
  constructor(parts: Parts, requester?: AttributeRequester) {
    const { attributes, requests, name } = parts.dialect;
    const options = { ...parts, dialect: attributes };
    this.#platform = name;
    this.#client = new ClientAttributes({ ...options, reserved: ownNames });
    this.#requests = requests === undefined ? requester : new AttributeRequests({ ...parts, dialect: requests });
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

  /**
   * Asks for attributes by name, client and shared; `timeout` defaults to 10 s. See `AttributeRequests.request`. Throws `RangeError`
   * where the platform cannot be asked.
   */
  request(
    names: { readonly client?: readonly string[]; readonly shared?: readonly string[] },
    options: { readonly timeout?: Milliseconds },
    callback: AttributesCallback,
  ): void {
    if (this.#requests === undefined)
      throw new RangeError(
        `attributes.request: ${this.#platform} cannot be asked; config.openremote.gatewayApi says that it has the API for it`,
      );
    this.#requests.request(names.client ?? [], names.shared ?? [], options.timeout ?? 10_000, callback);
  }

  /** All that the server has of the attributes, told unasked. */
  onSnapshot(values: ReadonlyMap<string, Json>): void {
    this.#shared.onSnapshot(values);
  }

  /** Stores at once what the server has set since it was last stored. */
  store(): void {
    this.#lastKnown.store();
  }
}
