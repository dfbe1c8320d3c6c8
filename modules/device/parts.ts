// SPDX-License-Identifier: Apache-2.0
// What the features of a device are made of. Types only.

import type { Echoes } from "../attributes/echoes.js";
import type { Dialect } from "../cloud/dialect.js";
import type { Clock, KeyValueStore, LogSink, Text } from "../core/ports.js";
import type { Link } from "../session/link.js";

export interface Parts {
  /** Undefined where the platform tells the device nothing of its own doings. */
  readonly echoes?: Echoes | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly text: Text;
  readonly storage: KeyValueStore;
  readonly log: LogSink;
  readonly link: Link;
  readonly dialect: Dialect;
}
