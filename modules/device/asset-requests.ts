// SPDX-License-Identifier: Apache-2.0

import type { Assets } from "../assets/assets.js";
import type { AttributeRequester, AttributesCallback } from "../attributes/request.js";
import type { Json } from "../cloud/json.js";
import type { OpenRemoteAddress } from "../cloud/openremote-address.js";
import { valuesOf } from "../cloud/openremote-news.js";
import type { DeviceError, Reason } from "../core/errors.js";
import type { Clock, Milliseconds } from "../core/ports.js";

/** A manager that ended two sessions for the question will do so again. */
const maxDenials = 2;

/** The users of gateways have it, whose own asset is not one of those that they may ask for value by value. */
const gatewayPrefix = "gateway-";

/** Asks for the values of the device's own asset, one after the other; a gateway for all of them together. */
export class AssetRequests implements AttributeRequester {
  readonly #assets: Assets;
  readonly #address: OpenRemoteAddress;
  readonly #clock: Clock;
  #denials = 0;

  constructor(assets: Assets, address: OpenRemoteAddress, clock: Clock) {
    this.#assets = assets;
    this.#address = address;
    this.#clock = clock;
  }

  /** One name goes into one request. */
  fits(): boolean {
    return true;
  }

  /** There is one kind of attributes: those asked for as the device's own are in `client`. No names at all: all of them in `shared`. */
  request(
    client: readonly string[],
    shared: readonly string[],
    timeout: Milliseconds,
    callback: AttributesCallback,
  ): void {
    if (typeof callback !== "function") throw new TypeError("callback: not a function");
    if (this.#denials >= maxDenials) {
      this.#clock.timer(() => callback("operation-denied", undefined)).start(0);
      return;
    }
    const since = this.#clock.ticks();
    const values = new Map<string, Json>();
    const names = [...client, ...shared];
    const finish = (): void => {
      callback(undefined, { client: pick(values, client), shared: names.length === 0 ? values : pick(values, shared) });
    };
    if (names.length === 0 || this.#address.clientId.startsWith(gatewayPrefix)) {
      this.#askForAll(values, timeout, callback, finish);
      return;
    }
    const next = (index: number): void => {
      const name = names[index];
      const left = Math.max(1, timeout - this.#clock.elapsed(since));
      if (name === undefined) finish();
      else this.#askFor(name, left, values, callback, () => next(index + 1));
    };
    next(0);
  }

  #askFor(
    name: string,
    timeout: Milliseconds,
    values: Map<string, Json>,
    callback: AttributesCallback,
    goOn: () => void,
  ): void {
    this.#assets.getValue(this.#address.assetId, name, { timeout }, (error, value) => {
      if (error !== undefined && error.reason !== "operation-not-found") {
        this.#fail(error, callback);
        return;
      }
      if (value !== undefined && value !== null) values.set(name, value);
      goOn();
    });
  }

  #askForAll(values: Map<string, Json>, timeout: Milliseconds, callback: AttributesCallback, finish: () => void): void {
    this.#assets.get(this.#address.assetId, { timeout }, (error, asset) => {
      if (error !== undefined) {
        this.#fail(error, callback);
        return;
      }
      const attributes = asset instanceof Map ? asset.get("attributes") : undefined;
      valuesOf(attributes).forEach((value, name) => {
        values.set(name, value);
      });
      finish();
    });
  }

  #fail({ reason }: DeviceError, callback: AttributesCallback): void {
    if (reason === "operation-denied") this.#denials += 1;
    callback(reason satisfies Reason, undefined);
  }
}

function pick(values: ReadonlyMap<string, Json>, names: readonly string[]): ReadonlyMap<string, Json> {
  const picked = new Map<string, Json>();
  for (const name of names) {
    const value = values.get(name);
    if (value !== undefined) picked.set(name, value);
  }
  return picked;
}
