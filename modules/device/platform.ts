// SPDX-License-Identifier: Apache-2.0

import type { Assets } from "../assets/assets.js";
import type { Echoes } from "../attributes/echoes.js";
import type { AttributeRequester } from "../attributes/request.js";
import type { Dialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import type { Host } from "../core/ports.js";
import type { Link } from "../session/link.js";
import type { Session } from "../session/session.js";
import type { CompleteConfig } from "./config.js";

export interface PlatformOptions {
  readonly host: Host;
  readonly config: CompleteConfig;
  /** The server told all values of the device's attributes unasked. */
  readonly onSnapshot: (values: ReadonlyMap<string, Json>) => void;
  /** The server has given the device another asset than before: what it has subscribed to is no longer its own. */
  readonly onMoved: () => void;
}

/** What is another one for each cloud platform: its wire, and a session as that wants it. */
export interface Platform {
  readonly dialect: Dialect;
  readonly session: Session;
  readonly link: Link;
  /** Undefined where the server tells the device nothing of its own doings. */
  readonly echoes: Echoes | undefined;
  /** Undefined where the platform has none. */
  readonly assets: Assets | undefined;
  /** Asks for the values of the device's attributes where the dialect cannot. */
  readonly requester: AttributeRequester | undefined;
  /** Attempts to become the device on the connection itself; undefined where that is not how it is done. */
  readonly attempts: number | undefined;
}
