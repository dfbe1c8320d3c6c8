// SPDX-License-Identifier: Apache-2.0
// What the features of a device are made of. Types only.

import type { Dialect } from "../cloud/dialect.js";
import type { Clock, KeyValueStore, LogSink, Text } from "../core/ports.js";
import type { Link } from "../session/link.js";

export interface Parts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly text: Text;
  readonly storage: KeyValueStore;
  readonly log: LogSink;
  readonly link: Link;
  readonly dialect: Dialect;
}
