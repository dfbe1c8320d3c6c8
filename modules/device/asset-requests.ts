// SPDX-License-Identifier: Apache-2.0

import type { Assets } from "../assets/assets.js";
import type { AttributeRequester, AttributesCallback } from "../attributes/request.js";
import type { Json } from "../cloud/json.js";
import type { OpenRemoteAddress } from "../cloud/openremote-address.js";
import { attributeNameProblem } from "../cloud/openremote-names.js";
import { valuesOf } from "../cloud/openremote-news.js";
import type { DeviceError } from "../core/errors.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";

/** A manager that ended so many sessions in a row for the question will do so again, until somebody changes something. */
const maxDenials = 3;

/** One more session at most is the price of asking again. */
const denialPause: Milliseconds = 3_600_000;

/** The users of gateways have it, whose own asset is not one of those that they may ask for value by value. */
const gatewayPrefix = "gateway-";

/** Asks for the values of the device's own asset, one after the other; a gateway for all of them together. */
export class AssetRequests implements AttributeRequester {
  readonly #assets: Assets;
  readonly #address: OpenRemoteAddress;
  readonly #clock: Clock;
  readonly #pardonTimer: Timer;
  #denials = 0;

  constructor(assets: Assets, address: OpenRemoteAddress, clock: Clock) {
    this.#assets = assets;
    this.#address = address;
    this.#clock = clock;
    this.#pardonTimer = clock.timer(() => {
      this.#denials = maxDenials - 1;
    });
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
    const names = [...client, ...shared];
    for (const name of names) checkName(name);
    if (this.#denials >= maxDenials) {
      this.#clock.timer(() => callback("operation-denied", undefined)).start(0);
      return;
    }
    const since = this.#clock.ticks();
    const values = new Map<string, Json>();
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
      this.#denials = 0;
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
      this.#denials = 0;
      const attributes = asset instanceof Map ? asset.get("attributes") : undefined;
      valuesOf(attributes).forEach((value, name) => {
        values.set(name, value);
      });
      finish();
    });
  }

  #fail({ reason }: DeviceError, callback: AttributesCallback): void {
    if (reason === "operation-denied") this.#denials += 1;
    if (this.#denials === maxDenials) this.#pardonTimer.start(denialPause);
    callback(reason, undefined);
  }
}

/** All of them before the first is asked for: nobody could be told of a mistake in a later one. */
function checkName(name: unknown): void {
  if (typeof name !== "string") throw new TypeError("names: not a string");
  const problem = attributeNameProblem(name);
  if (problem !== undefined) throw new RangeError(`names: "${name}" ${problem}`);
}

function pick(values: ReadonlyMap<string, Json>, names: readonly string[]): ReadonlyMap<string, Json> {
  const picked = new Map<string, Json>();
  for (const name of names) {
    const value = values.get(name);
    if (value !== undefined) picked.set(name, value);
  }
  return picked;
}
