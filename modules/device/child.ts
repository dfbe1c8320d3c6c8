// SPDX-License-Identifier: Apache-2.0

import type { ClaimRequest } from "../cloud/claim.js";
import type { GatewayChild } from "../gateway/child.js";
import type { Gateway } from "../gateway/gateway.js";
import { Methods } from "../rpc/methods.js";
import type { Source } from "../telemetry/source.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { ChildAttributes } from "./child-attributes.js";
import { ChildRpc } from "./child-rpc.js";

/** What all children of a device share. */
export interface ChildContext {
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  /** By the numbers of the children that have any. */
  readonly methods: Map<number, Methods>;
  /** Answers the calls that run for the child of this number, which has left. */
  readonly abandonCalls: (number: number) => void;
}

/** `child.claiming`: see `Claiming`. */
export interface ChildClaiming {
  readonly isOpen: boolean;
  open(request?: ClaimRequest): void;
}

/**
 * A device behind this one, with the surface of the device itself. `attributes`, `rpc` and `claiming` are made anew at each access, so
 * that they take no memory while nobody has them. After `disconnect` they are of no use until `DeviceGateway.child` is asked again.
 */
export class Child {
  readonly #context: ChildContext;
  readonly #child: GatewayChild;
  #source: Source | undefined = undefined;

  constructor(context: ChildContext, child: GatewayChild) {
    this.#context = context;
    this.#child = child;
  }

  get name(): string {
    return this.#child.name;
  }

  /** False after `disconnect`. */
  get isPresent(): boolean {
    return this.#child.isPresent;
  }

  /** Throws `RangeError` after `disconnect`, as the following do. */
  get telemetry(): Source {
    this.#check();
    // There is one for each child that there can be.
    this.#source ??= this.#context.telemetry.source(this.name) as Source;
    return this.#source;
  }

  get attributes(): ChildAttributes {
    this.#check();
    return new ChildAttributes(this.#context.gateway, this.#child);
  }

  get rpc(): ChildRpc {
    this.#check();
    const { methods } = this.#context;
    const { number } = this.#child;
    return new ChildRpc(() => {
      this.#check();
      const own = methods.get(number) ?? new Methods();
      methods.set(number, own);
      return own;
    });
  }

  get claiming(): ChildClaiming {
    this.#check();
    const { claims } = this.#context.gateway;
    const child = this.#child;
    return {
      get isOpen() {
        return claims.isOpen(child);
      },
      open: (request) => {
        this.#check();
        claims.open(child, request);
      },
    };
  }

  /**
   * The device is gone: the server is told, after what is queued of it had a moment to go out. Its handlers are let go, and its claim;
   * calls that run are answered by a failure, "unknown-device".
   * What waits longer, as in the journal, is delivered all the same. Idempotent.
   */
  disconnect(): void {
    const { gateway, telemetry, methods, abandonCalls } = this.#context;
    const { number, isPresent } = this.#child;
    if (!isPresent) return;
    methods.delete(number);
    abandonCalls(number);
    gateway.leave(this.#child);
    telemetry.flush();
  }

  #check(): void {
    if (!this.#child.isPresent) throw new RangeError(`child: "${this.name}" is disconnected`);
  }
}
