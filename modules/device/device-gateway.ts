// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { Milliseconds } from "../core/ports.js";
import { Gateway } from "../gateway/gateway.js";
import { childOf } from "../gateway/rpc-wire.js";
import { RpcDispatcher } from "../rpc/dispatcher.js";
import type { Methods } from "../rpc/methods.js";
import { Failure } from "../rpc/reply.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { Child, type ChildContext } from "./child.js";
import type { CompleteGateway } from "./config-gateway.js";
import type { Parts } from "./parts.js";

/** Beyond the wait of a datum for company, what its message may take to get room. */
const farewellAfterMaxAge: Milliseconds = 1_000;

/** Handlers whose promise is pending, of all children together: as many as there can be. */
const maxPending = 8;

/** Undefined where the device is no gateway. Make it before telemetry, which is to speak through its gate. */
export function createGateway(parts: Parts, config: CompleteGateway, maxAge: Milliseconds): Gateway | undefined {
  const { maxChildren, attributesCapacity: capacity } = config;
  const { clock, random, text, log, link } = parts;
  const { gateway: dialect, claim, rpc } = parts.dialect;
  if (maxChildren === 0 || dialect === undefined || claim === undefined || rpc === undefined) return undefined;
  return new Gateway({
    ...{ clock, random, text, log, link, dialect, claim, rpc, maxChildren, capacity },
    farewell: maxAge + farewellAfterMaxAge,
  });
}

/** `device.gateway`: the devices behind this one, for which it speaks. */
export class DeviceGateway {
  /** Undefined where the platform has sub-devices. */
  readonly #stranger: string | undefined;
  readonly #context: ChildContext | undefined = undefined;
  readonly #children: Child[] = [];

  /** `gateway` undefined: the device is none, which costs nothing. */
  constructor(parts: Parts, gateway: Gateway | undefined, telemetry: Telemetry) {
    const { gateway: wire, name } = parts.dialect;
    this.#stranger = wire === undefined ? name : undefined;
    if (gateway === undefined) return;
    const methods = new Map<number, Methods>();
    const dispatcher = new RpcDispatcher({
      ...{ ...parts, dialect: gateway.rpc, maxPending },
      find: (id, method) => methods.get(childOf(id))?.get(method),
    });
    const abandonCalls = (number: number): void => {
      dispatcher.abandon((id) => childOf(id) === number, new Failure("unknown-device", "it has left this gateway"));
    };
    this.#context = { gateway, telemetry, methods, abandonCalls };
  }

  /**
   * The device of this name on the platform, 1 to 255 bytes, there from now on; the same object each time. `type` is the name of the
   * device profile that it gets where the platform does not know it yet, "default" by default. One that is gone keeps its place.
   * Throws `TypeError` or `RangeError` for a name or a type that the platform does not take, or where it has no sub-devices, `DeviceError` "too-many-children" for one
   * more than `config.gateway.maxChildren`.
   */
  child(name: string, options: { readonly type?: string } = {}): Child {
    const context = this.#context;
    if (this.#stranger !== undefined)
      throw new RangeError(`gateway.child: ${this.#stranger} has no sub-devices, see device.assets`);
    if (context === undefined) throw new DeviceError("too-many-children", "config.gateway.maxChildren is 0");
    const entered = context.gateway.enter(name, options.type);
    const known = this.#children[entered.number];
    if (known !== undefined) return known;
    const child = new Child(context, entered);
    this.#children.push(child);
    return child;
  }
}
