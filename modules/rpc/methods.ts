// SPDX-License-Identifier: Apache-2.0

import { integer } from "../core/integer.js";
import type { Milliseconds } from "../core/ports.js";
import { CompiledSchema, type Params, type Schema } from "./schema.js";

export const maxDeadline: Milliseconds = 3_600_000;

/** How long the server waits by default. */
const defaultDeadline: Milliseconds = 10_000;

const defaultMaxMethods = 64;

export interface MethodOptions {
  /** Longest wait for a promise of this handler, 1 ms to 1 h. Default that of the dispatcher. */
  readonly deadline?: Milliseconds;
}

export interface Method {
  readonly schema: CompiledSchema;
  readonly deadline: Milliseconds;
  readonly handler: (params: never) => unknown;
}

/** The methods of a device that the server can call. */
export class Methods {
  readonly #maxMethods: number;
  readonly #deadline: Milliseconds;
  readonly #methods = new Map<string, Method>();

  /** `maxMethods` is 1 to 255, `deadline` that of methods without one, 1 ms to 1 h. Throws `TypeError` or `RangeError`. */
  constructor(maxMethods = defaultMaxMethods, deadline = defaultDeadline) {
    this.#maxMethods = integer(maxMethods, "maxMethods", 1, 255);
    this.#deadline = integer(deadline, "deadline", 1, maxDeadline);
  }

  get(method: string): Method | undefined {
    return this.#methods.get(method);
  }

  /** See `RpcDispatcher.handle`. */
  handle<const S extends Schema>(
    method: string,
    schema: S,
    handler: (params: Params<S>) => unknown,
    options: MethodOptions = {},
  ): void {
    if (typeof method !== "string") throw new TypeError("method: not a string");
    if (method === "") throw new RangeError("method: empty");
    if (typeof handler !== "function") throw new TypeError("handler: not a function");
    if (this.#methods.has(method)) throw new RangeError(`method: "${method}" has a handler already`);
    if (this.#methods.size >= this.#maxMethods) throw new RangeError(`method: more than ${this.#maxMethods} methods`);
    const deadline = integer(options.deadline ?? this.#deadline, "deadline", 1, maxDeadline);
    this.#methods.set(method, { schema: new CompiledSchema(schema), deadline, handler });
  }
}
