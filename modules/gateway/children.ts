// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { Text } from "../core/ports.js";
import { isWellFormed } from "../core/well-formed.js";
import { GatewayChild } from "./child.js";

/** ThingsBoard takes no longer names of devices and of their profiles. */
const maxNameBytes = 255;

/** All of them quotation marks. With control characters a name could fill the messages that it is in. */
const maxJsonBytes = 2 * maxNameBytes + 2;

/**
 * The devices behind a gateway, by name. One that is gone keeps its place, because data of it may still be queued; so there are
 * no more than `capacity` names from one start of the firmware to the next. Names are looked up one by one: a `Map` would take 48
 * bytes more for each.
 */
export class Children {
  readonly #text: Text;
  readonly #capacity: number;
  readonly #children: GatewayChild[] = [];

  constructor(text: Text, capacity: number) {
    this.#text = text;
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#children.length;
  }

  /** The child of this number, which must be below `count`. */
  at(number: number): GatewayChild {
    return this.#children[number] as GatewayChild;
  }

  find(name: string): GatewayChild | undefined {
    const count = this.#children.length;
    for (let number = 0; number < count; number += 1) {
      const child = this.#children[number] as GatewayChild;
      if (child.name === name) return child;
    }
    return undefined;
  }

  /**
   * The child of this name, a new one where there is none; `type` is that of a new one. Throws `TypeError` or `RangeError` for a name
   * or a type that the server would end the session for, `DeviceError` "too-many-children" when the table is full.
   */
  enter(name: string, type: string | undefined): GatewayChild {
    this.#check(name, "name");
    if (type !== undefined) this.#check(type, "type");
    const known = this.find(name);
    if (known !== undefined) return known;
    const number = this.#children.length;
    if (number >= this.#capacity)
      throw new DeviceError("too-many-children", `${name}: more than ${this.#capacity} children`);
    const child = new GatewayChild(number, name, type);
    this.#children.push(child);
    return child;
  }

  #check(value: unknown, option: string): void {
    if (typeof value !== "string") throw new TypeError(`${option}: not a string`);
    if (value.trim() === "") throw new RangeError(`${option}: blank`);
    if (value.includes("\0")) throw new RangeError(`${option}: with a null character`);
    // Two of them could become the same name on the wire.
    if (!isWellFormed(value)) throw new RangeError(`${option}: half a surrogate pair`);
    if (this.#text.byteLength(value) > maxNameBytes) throw new RangeError(`${option}: over ${maxNameBytes} bytes`);
    if (this.#text.byteLength(JSON.stringify(value)) > maxJsonBytes)
      throw new RangeError(`${option}: over ${maxJsonBytes} bytes of JSON`);
  }
}
