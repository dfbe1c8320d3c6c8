// SPDX-License-Identifier: Apache-2.0

import type { Declaration } from "../cloud/declaration.js";
import type { Json } from "../cloud/json.js";

/** A name that the program asks for. */
export class SharedAttribute {
  readonly name: string;
  readonly declaration: Declaration | undefined;
  readonly handler: (value: never) => void;
  /** The last good one that the server had, undefined when it had none. */
  value: Json | undefined = undefined;
  /** Has to be delivered although it did not change. */
  isDue = false;
  /** An update came after that request was made, and is newer than its answer can be. */
  isPushed = false;

  constructor(name: string, declaration: Declaration | undefined, handler: (value: never) => void) {
    this.name = name;
    this.declaration = declaration;
    this.handler = handler;
  }

  /** The value in force. */
  get current(): Json | undefined {
    return this.value === undefined ? this.declaration?.default : this.value;
  }

  /** See `Declaration.convert`. */
  convert(value: Json | undefined): Json | undefined {
    return value === undefined || this.declaration === undefined ? value : this.declaration.convert(value);
  }

  problem(value: Json | undefined): string | undefined {
    return value === undefined ? undefined : this.declaration?.problem(value);
  }
}
