// SPDX-License-Identifier: Apache-2.0

import type { MethodOptions, Methods } from "../rpc/methods.js";
import type { Params, Schema } from "../rpc/schema.js";

/** `child.rpc`: calls by the server. ThingsBoard has no calls from sub-devices. */
export class ChildRpc {
  readonly #methods: () => Methods;

  constructor(methods: () => Methods) {
    this.#methods = methods;
  }

  /** See `RpcDispatcher.handle`. */
  handle<const S extends Schema>(
    method: string,
    schema: S,
    handler: (params: Params<S>) => unknown,
    options?: MethodOptions,
  ): void {
    this.#methods().handle(method, schema, handler, options);
  }
}
