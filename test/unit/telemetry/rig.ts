// SPDX-License-Identifier: Apache-2.0

import { ThingsBoardTelemetry } from "../../../modules/cloud/thingsboard-telemetry.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { Telemetry } from "../../../modules/telemetry/telemetry.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink, type Published } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

/** Wall-clock time of uptime 0. */
export const boot = Date.UTC(2026, 0, 1);

export type Values = Readonly<Record<string, unknown>>;

/** One datum as the server sees it; `ts` is undefined where the server has to stamp it, `source` where it is the device's own. */
export interface Received {
  readonly source?: string;
  readonly ts: number | undefined;
  readonly key: string;
  readonly value: unknown;
}

/** Telemetry with everything around it in the hands of the test. The wall clock is known from the beginning. */
export class Rig {
  readonly clock = new FakeClock();
  readonly link = new FakeLink();
  readonly log = new FakeLog();
  readonly telemetry: Telemetry;
  isClockKnown = true;
  offset = boot;

  constructor(options: Partial<TelemetryOptions> = {}) {
    const rig = this;
    const { clock, log, link } = this;
    this.telemetry = new Telemetry({
      ...{ clock, log, link, text, dialect: new ThingsBoardTelemetry() },
      wallClock: {
        uptime: () => clock.now,
        epoch: (uptime) => (rig.isClockKnown ? rig.offset + uptime : undefined),
        get isKnown() {
          return rig.isClockKnown;
        },
      },
      ...options,
    });
  }

  /** Opens the session and makes it live. */
  connect(): void {
    this.link.open();
    this.link.live();
  }

  /** Groups of a message: of every one that was published so far, or of some. */
  messages(published: readonly Published[] = this.link.published): Values[][] {
    return published.map(({ payload }) => groupsOf(payload));
  }

  /** Every datum that was published so far, in order. */
  received(published: readonly Published[] = this.link.published): Received[] {
    return published.flatMap((message) => dataOf(message));
  }
}

/** A message is one group or an array of them. */
export function groupsOf(payload: string): Values[] {
  const message = JSON.parse(payload) as Values | Values[];
  return Array.isArray(message) ? message : [message];
}

/** Takes a message apart as ThingsBoard does, which tells the two kinds by their topics. */
export function dataOf({ topic, payload }: Pick<Published, "topic" | "payload">): Received[] {
  if (topic !== "v1/gateway/telemetry") return groupsOf(payload).flatMap(dataOfGroup);
  const message = JSON.parse(payload) as Readonly<Record<string, Values[]>>;
  return Object.entries(message).flatMap(([source, groups]) =>
    groups.flatMap(dataOfGroup).map((datum) => ({ source, ...datum })),
  );
}

/** A group that has both "ts" and "values" is stamped. */
function dataOfGroup(group: Values): Received[] {
  const isStamped = "ts" in group && "values" in group;
  const values = (isStamped ? group.values : group) as Values;
  return Object.entries(values).map(([key, value]) => ({
    ts: isStamped ? (group.ts as number) : undefined,
    key,
    value,
  }));
}

/**
 * The sub-device that a model's datum of that number is of: with a spread of 0 the device itself, with more of it up to four others,
 * whose data are mixed the more the wider it is, and with those of the device at the widest.
 */
export function sourceOf(number: number, spread: number): string | undefined {
  const index = spread === 0 ? 0 : (number * 7) % spread;
  return spread === 0 || index === 4 ? undefined : `child ${index}`;
}
