// SPDX-License-Identifier: Apache-2.0

import type { Declaration } from "../cloud/declaration.js";
import type { Json } from "../cloud/json.js";
import type { Milliseconds } from "../core/ports.js";

/** A shared attribute of a sub-device that the program asks for. */
export class ChildAttribute {
  readonly declaration: Declaration | undefined;
  readonly handler: (value: never) => void;
  /** The last good one that the server had, undefined when it had none or nobody knows. */
  value: Json | undefined = undefined;
  /** Has to be asked for. */
  isDue = true;
  /** An update came after that request was made, and is newer than its answer can be. */
  isPushed = false;

  constructor(declaration: Declaration | undefined, handler: (value: never) => void) {
    this.declaration = declaration;
    this.handler = handler;
  }

  /** The value in force. */
  get current(): Json | undefined {
    return this.value === undefined ? this.declaration?.default : this.value;
  }
}

/** The shared attributes that the program asks for of one sub-device. */
export class ChildShared {
  readonly attributes = new Map<string, ChildAttribute>();
  /** What is wrong with the server's values, by name; undefined until anything is declared. */
  problems: Map<string, string> | undefined = undefined;
  /** Names in one request: fewer when an answer did not come, which may have been longer than the session can receive. */
  most = Number.POSITIVE_INFINITY;
  isRequesting = false;
  /** After an answer that did not come, how long nothing is asked, and since when. */
  pause: Milliseconds = 0;
  pausedAt = 0;

  has(attribute: ChildAttribute): boolean {
    for (const each of this.attributes.values()) if (each === attribute) return true;
    return false;
  }

  /** Those to be asked for next. */
  due(): string[] {
    const names: string[] = [];
    for (const [name, { isDue }] of this.attributes) if (isDue && names.length < this.most) names.push(name);
    return names;
  }

  /** A new session: all of it may have changed. */
  restart(): void {
    this.most = Number.POSITIVE_INFINITY;
    this.pause = 0;
    for (const attribute of this.attributes.values()) attribute.isDue = true;
  }

  /** Those that were not answered even when asked for alone come last from now on. */
  putLast(name: string): void {
    const attribute = this.attributes.get(name);
    if (attribute === undefined) return;
    this.attributes.delete(name);
    this.attributes.set(name, attribute);
  }
}
