// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { type CallCallback, type CallOptions, RpcCaller } from "../rpc/caller.js";
import { RpcDispatcher } from "../rpc/dispatcher.js";
import type { MethodOptions } from "../rpc/methods.js";
import type { Params, Schema } from "../rpc/schema.js";
import type { Parts } from "./parts.js";

/** `device.rpc`: calls by the server, and calls of the server. */
export class DeviceRpc {
  readonly #dispatcher: RpcDispatcher;
  readonly #caller: RpcCaller;

  constructor(parts: Parts) {
    const options = { ...parts, dialect: parts.dialect.rpc };
    this.#dispatcher = new RpcDispatcher(options);
    this.#caller = new RpcCaller(options);
  }

  /** See `RpcDispatcher.handle`. */
  handle<const S extends Schema>(
    method: string,
    schema: S,
    handler: (params: Params<S>) => unknown,
    options?: MethodOptions,
  ): void {
    this.#dispatcher.handle(method, schema, handler, options);
  }

  /** See `RpcCaller.call`. Without a callback it returns a promise, which costs some 60 slots of XS heap while it waits. */
  call(method: string, params: unknown, options: CallOptions, callback: CallCallback): void;
  call(method: string, params: unknown, options?: CallOptions): Promise<Json>;
  call(method: string, params: unknown, options: CallOptions = {}, callback?: CallCallback): Promise<Json> | undefined {
    if (callback !== undefined) {
      this.#caller.call(method, params, options, callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#caller.call(method, params, options, (error, result) => {
        if (error !== undefined) reject(error);
        else resolve(result ?? null);
      });
    });
  }
}
