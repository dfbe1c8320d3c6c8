// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { ChildShared } from "./child-shared.js";

/** "due": the server has to be told of it, in this session or the next. "connected": it was. "gone": it was told that it left. */
export type Standing = "due" | "connected" | "gone";

/** What a gateway knows of a device behind it. As few members as can be: there may be 250 of them. */
export class GatewayChild {
  /** From 0, for as long as the firmware runs. */
  readonly number: number;
  readonly name: string;
  /** The device profile of a device that the server does not know yet. */
  readonly type: string | undefined;
  standing: Standing = "due";
  /** Whether the program has it; else it is on its way out, or gone. */
  isPresent = true;
  /** Its session on the server may be at its end: the server has to get a sign of life. */
  isStale = false;
  /** When the server last got a sign of life of it, or when it left. */
  since = 0;
  /** JSON of its client attributes that are not acknowledged, by name; undefined while there are none. */
  attributes: Map<string, string> | undefined = undefined;
  /** Undefined while it asks for no shared attributes. */
  shared: ChildShared | undefined = undefined;

  constructor(number: number, name: string, type: string | undefined) {
    this.number = number;
    this.name = name;
    this.type = type;
  }
}

/** A sub-device that was silent for 10 minutes is dropped by ThingsBoard without a word; this leaves room for a slow link. */
export const longestSilence: Milliseconds = 480_000;
