// SPDX-License-Identifier: Apache-2.0

import type { TelemetryDialect } from "../cloud/dialect.js";
import { integer } from "../core/integer.js";
import type { Clock, Flash, LogSink, Milliseconds, Text } from "../core/ports.js";
import type { Link } from "../session/link.js";
import type { WhenFull as WhenQueueFull } from "./queue.js";
import type { UptimeClock } from "./uptime-clock.js";

/** "spill": data move to the journal, as they do when they wait too long. */
export type WhenFull = WhenQueueFull | "spill";

export interface TelemetryOptions {
  readonly clock: Clock;
  readonly wallClock: UptimeClock;
  readonly text: Text;
  readonly log: LogSink;
  readonly link: Link;
  readonly dialect: TelemetryDialect;
  /** Size of the queue in bytes of XS heap, 1,024 to 1,048,576. A numeric datum takes 3 to 16. Default 16,384. */
  readonly capacity?: number;
  /** Partition for the journal, of four blocks of 2,048 bytes or more. What earlier boots left there is delivered in any case. */
  readonly flash?: Flash | undefined;
  /** What gives way when the queue is full. Default "spill"; without a `flash` that is what `whenJournalFull` says. */
  readonly whenFull?: WhenFull;
  /** What gives way when the journal is full: a block of the oldest data, or the newest datum. Default "drop-oldest". */
  readonly whenJournalFull?: WhenQueueFull;
  /**
   * How long a datum waits in RAM before it is stored, while there is no session, 0 to 1 h; while there is one five times as long, or
   * as much longer than `maxAge`, and than `clockPatience` without a clock, where that is more. Default 2 s.
   */
  readonly storeAfter?: Milliseconds;
  /**
   * Percentage that the backlog of the journal gets of the messages while new data compete for them, and of the server's rate
   * limits that it may use up, 1 to 100. Default 50.
   */
  readonly backlogShare?: number;
  /** Distinct keys, 1 to 255. Default 64. */
  readonly maxKeys?: number;
  /**
   * Sub-devices that data can be of, 0 to 255. Default 0. For 200 there are 4.6 KB of XS heap, and for each that has a name 17 bytes
   * and the text of the name.
   */
  readonly maxSources?: number;
  /**
   * What the sub-devices are connected by, to the platform, which measures then how long their data were under way; 100 bytes of each
   * message that comes from the queue. Default: they are not measured.
   */
  readonly connector?: string | undefined;
  /** Most data in one message, 1 to 1,000. Default 100. */
  readonly maxCount?: number;
  /** Longest wait of a datum for company in its message, 0 to 1 h. Default 1 s. */
  readonly maxAge?: Milliseconds;
  /** Largest message in bytes of XS heap, 256 to 65,536, and never more than the link takes. Default 5,120. */
  readonly maxBytes?: number;
  /** Messages that wait for their acknowledgement at once, 1 to 16. Default 4, and 16 where each datum has a message of its own. */
  readonly window?: number;
  /** How long a live session waits for the wall clock before data go without their time, 0 to 1 h. Default 30 s. */
  readonly clockPatience?: Milliseconds;
}

export interface TelemetrySettings {
  readonly capacity: number;
  readonly whenFull: WhenFull;
  readonly whenJournalFull: WhenQueueFull;
  readonly storeAfter: Milliseconds;
  readonly backlogShare: number;
  readonly maxKeys: number;
  readonly maxSources: number;
  readonly maxCount: number;
  readonly maxAge: Milliseconds;
  readonly maxBytes: number;
  readonly window: number;
  readonly clockPatience: Milliseconds;
}

/** A hundred numbers at full precision under keys of 20 characters, five to an instant, take 4.9 KB. */
const defaultMaxBytes = 5_120;

/** At a round trip of a second they still carry 400 data a second, more than a device samples. */
const defaultWindow = 4;

/** At a round trip of a tenth of a second they carry 160 data a second, at one of a second 16. */
const windowOfSingleData = 16;

/** Long enough for SNTP over a slow link, short enough to be seen alive. */
const defaultClockPatience: Milliseconds = 30_000;

/** Long enough that data of many samples share a frame of the journal, short enough to lose little with the power. */
const defaultStoreAfter: Milliseconds = 2_000;

const hour: Milliseconds = 3_600_000;

/** Fills in the defaults. Throws `TypeError` or `RangeError` naming the option. */
export function completeSettings(options: TelemetryOptions): TelemetrySettings {
  const { whenFull = "spill", whenJournalFull = "drop-oldest" } = options;
  if (whenFull !== "spill") checkWhenFull(whenFull, "whenFull");
  checkWhenFull(whenJournalFull, "whenJournalFull");
  return {
    capacity: integer(options.capacity ?? 16_384, "capacity", 1_024, 1_048_576),
    whenFull,
    whenJournalFull,
    storeAfter: integer(options.storeAfter ?? defaultStoreAfter, "storeAfter", 0, hour),
    backlogShare: integer(options.backlogShare ?? 50, "backlogShare", 1, 100),
    maxKeys: integer(options.maxKeys ?? 64, "maxKeys", 1, 255),
    maxSources: integer(options.maxSources ?? 0, "maxSources", 0, 255),
    maxCount: integer(options.maxCount ?? 100, "maxCount", 1, 1_000),
    maxAge: integer(options.maxAge ?? 1_000, "maxAge", 0, hour),
    maxBytes: integer(options.maxBytes ?? defaultMaxBytes, "maxBytes", 256, 65_536),
    window: integer(
      options.window ?? (options.dialect.maxCount === 1 ? windowOfSingleData : defaultWindow),
      "window",
      1,
      16,
    ),
    clockPatience: integer(options.clockPatience ?? defaultClockPatience, "clockPatience", 0, hour),
  };
}

function checkWhenFull(value: unknown, name: string): void {
  if (value !== "drop-oldest" && value !== "drop-newest") throw new RangeError(`${name}: no such policy`);
}
