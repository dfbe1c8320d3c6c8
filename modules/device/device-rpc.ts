// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { type CallCallback, type CallOptions, RpcCaller } from "../rpc/caller.js";
import { RpcDispatcher } from "../rpc/dispatcher.js";
import type { MethodOptions } from "../rpc/methods.js";
import type { Params, Schema } from "../rpc/schema.js";
import type { Parts } from "./parts.js";

/** `device.rpc`: calls by the server, and calls of the server. */
export class DeviceRpc {
  readonly #platform: string;
  readonly #dispatcher: RpcDispatcher | undefined;
  readonly #caller: RpcCaller | undefined;

  constructor(parts: Parts) {
    const { rpc, calls, name } = parts.dialect;
    this.#platform = name;
    this.#dispatcher = rpc && new RpcDispatcher({ ...parts, dialect: rpc });
    this.#caller = calls && new RpcCaller({ ...parts, dialect: calls });
  }

  /** Whether the server can call the device. */
  get isCallable(): boolean {
    return this.#dispatcher !== undefined;
  }

  /** See `RpcDispatcher.handle`. Throws `RangeError` where the server cannot call the device. */
  handle<const S extends Schema>(
    method: string,
    schema: S,
    handler: (params: Params<S>) => unknown,
    options?: MethodOptions,
  ): void {
    if (this.#dispatcher === undefined)
      throw new RangeError(
        `rpc.handle: ${this.#platform} has no calls of its own; config.openremote.rpc names attributes`,
      );
    this.#dispatcher.handle(method, schema, handler, options);
  }

  /**
   * See `RpcCaller.call`. Without a callback it returns a promise, which costs some 60 slots of XS heap while it waits. Throws
   * `RangeError` where the device cannot call the server.
   */
  call(method: string, params: unknown, options: CallOptions, callback: CallCallback): void;
  call(method: string, params: unknown, options?: CallOptions): Promise<Json>;
  call(method: string, params: unknown, options: CallOptions = {}, callback?: CallCallback): Promise<Json> | undefined {
    const caller = this.#caller;
    if (caller === undefined) throw new RangeError(`rpc.call: ${this.#platform} has no methods to call`);
    if (callback !== undefined) {
      caller.call(method, params, options, callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      caller.call(method, params, options, (error, result) => {
        if (error !== undefined) reject(error);
        else resolve(result ?? null);
      });
    });
  }
}
