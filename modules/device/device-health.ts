// SPDX-License-Identifier: Apache-2.0

import { FailureLog } from "../core/failure-log.js";
import type { Host, Milliseconds } from "../core/ports.js";
import { countBoot } from "../health/boots.js";
import type { LogTap } from "../health/log-tap.js";
import { RemoteLog, type RemoteLogLevel, remoteLogLevels } from "../health/remote-log.js";
import { Trail } from "../health/trail.js";
import { type Report, type VitalSign, type VitalSource, Vitals } from "../health/vitals.js";
import { VitalsReport } from "../health/vitals-report.js";
import type { WallClock } from "../network/clock.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import type { CompleteHealth } from "./config-health.js";
import type { DeviceAttributes } from "./device-attributes.js";
import type { Parts } from "./parts.js";

/** Of an exception's text: with it and a whole trail the attribute is below its 1,024 bytes, unless much has to be escaped. */
const maxErrorLength = 160;

/** Of vital signs that nobody asked for: often enough to see a leak, and little traffic for a device that nobody looks after. */
const unaskedPeriod: Milliseconds = 60_000;

/** The shared attributes. */
const levelType = Object.freeze({ type: "string", oneOf: remoteLogLevels } as const);
const rateType = Object.freeze({ type: "integer", minimum: 1, maximum: 600 } as const);

/** Why this run of the firmware began, and how the one before it ended. */
export interface LastReset {
  /** As `System.resetReason`. */
  readonly reason: string;
  /** Boots of this board, this one included; undefined where they cannot be counted. */
  readonly bootCount: number | undefined;
  /** What ended the last run; undefined where nobody knows. */
  readonly error: string | undefined;
  /** The last steps of the last run, oldest first, each with its second of uptime; empty where they did not survive. */
  readonly states: readonly string[];
}

export interface DeviceHealthOptions {
  readonly host: Host;
  readonly parts: Parts;
  readonly tap: LogTap;
  readonly telemetry: Telemetry;
  readonly attributes: DeviceAttributes;
  readonly wallClock: WallClock;
  readonly config: CompleteHealth;
  /** The vital signs that the server has a place for; undefined: all of them. */
  readonly reports?: readonly string[] | undefined;
}

/** `device.health`: vital signs, what became of the last run, and the log as the server sees it. */
export class DeviceHealth {
  /** Told to the server once per boot, as the client attribute `lastReset`. */
  readonly lastReset: LastReset;
  readonly #vitals = new Vitals();
  readonly #report: VitalsReport;
  readonly #remoteLog: RemoteLog;
  readonly #attributes: DeviceAttributes;
  readonly #hasPlaces: boolean;
  /** What holds where the server wishes nothing. */
  #ownLevel: RemoteLogLevel;
  #ownRate: number;
  #sharedLevel: RemoteLogLevel | undefined;
  #sharedRate: number | undefined;

  constructor(options: DeviceHealthOptions) {
    const { host, parts, tap, telemetry, attributes, wallClock, config } = options;
    const { clock, text } = parts;
    this.#attributes = attributes;
    const trail = new Trail(host.blackBox, text, () => wallClock.uptime());
    tap.listen((level, event, detail, reason) => trail.add(level, event, detail, reason));
    const { resetReason } = host.system;
    const failures = new FailureLog(clock, parts.log, "health.failed");
    const bootCount = countBoot(host.storage, failures);
    const error = tap.veiled(host.blackBox?.error ?? "").slice(0, maxErrorLength);
    this.lastReset = {
      ...{ reason: resetReason, bootCount, error: error === "" ? undefined : error, states: trail.previous },
    };
    this.#tellLastReset();
    this.#vitals.join((report) => {
      if (bootCount !== undefined) report("bootCount", bootCount);
    });
    const { reports } = options;
    this.#hasPlaces = reports === undefined || reports.length > 0;
    this.#report = new VitalsReport(this.#vitals, clock, failures, (sample) => {
      telemetry.record(reports === undefined ? sample : listed(sample, reports));
    });
    this.#remoteLog = new RemoteLog({ ...parts, dialect: parts.dialect.telemetry, wallClock });
    tap.listen((level, event, detail, reason) => this.#remoteLog.add(level, event, detail, reason));
    this.#ownLevel = config.logLevel;
    this.#ownRate = config.logRate;
    this.#applyLog();
    attributes.declareShared("logLevel", levelType, (level) => {
      this.#sharedLevel = level;
      this.#applyLog();
    });
    attributes.declareShared("logRate", rateType, (rate) => {
      this.#sharedRate = rate;
      this.#applyLog();
    });
    this.report(config.period);
  }

  /** Adds vital signs of the application, a handful at the most. What throws is counted, and spoils the sample of those that follow. */
  join(source: VitalSource): void {
    this.#vitals.join(source);
  }

  /** Reports every vital sign there is, now. */
  measure(report: Report): void {
    this.#vitals.measure(report);
  }

  /** Every vital sign there is, now, and why the firmware was started: an answer for a remote procedure call. */
  snapshot(): ReadonlyMap<string, VitalSign | string> {
    const snapshot = new Map<string, VitalSign | string>([["resetReason", this.lastReset.reason]]);
    this.#vitals.measure((key, value) => {
      snapshot.set(key, value);
    });
    return snapshot;
  }

  /**
   * From now on all vital signs of one instant go out as telemetry each `period`, 100 ms to 24 h, the first ones soon; 0 ends that.
   * Throws `TypeError` or `RangeError`.
   */
  report(period: Milliseconds): void {
    this.#report.start(period);
  }

  /** As `report` each minute, where the configuration has no period and the server has places for vital signs. */
  reportUnasked(): void {
    if (this.#report.period === 0 && this.#hasPlaces) this.report(unaskedPeriod);
  }

  /** The device is stopped: the report waits for `resume`. */
  suspend(): void {
    this.#report.suspend();
  }

  resume(): void {
    this.#report.resume();
  }

  /**
   * Sends the log lines of a level and of the worse ones to the server, as telemetry of the key `log`, up to `rate` in a minute, 1 to
   * 600. The shared attributes `logLevel` and `logRate` go before it. Throws `TypeError` or `RangeError`.
   */
  log(level: RemoteLogLevel, rate: number = this.#ownRate): void {
    this.#remoteLog.set(level, rate);
    this.#ownLevel = level;
    this.#ownRate = rate;
    this.#applyLog();
  }

  #applyLog(): void {
    const logLevel = this.#sharedLevel ?? this.#ownLevel;
    const logRate = this.#sharedRate ?? this.#ownRate;
    this.#remoteLog.set(logLevel, logRate);
    this.#attributes.publish({ logLevel, logRate });
  }

  /** The attributes are sent until the server has acknowledged them. */
  #tellLastReset(): void {
    try {
      this.#attributes.publish({ lastReset: this.lastReset });
    } catch {
      // Escaping made it too long. The reason alone is short.
      this.#attributes.publish({ lastReset: { ...this.lastReset, error: undefined, states: [] } });
    }
  }
}

function listed(sample: Readonly<Record<string, VitalSign>>, names: readonly string[]): Record<string, VitalSign> {
  const some: Record<string, VitalSign> = Object.create(null);
  for (const name of names) if (sample[name] !== undefined) some[name] = sample[name];
  return some;
}
