// SPDX-License-Identifier: Apache-2.0

import type { RateLimit, RateLimits, SessionLimits } from "../../../modules/cloud/dialect.js";
import { Pacing } from "../../../modules/session/pacing.js";
import type { Rig } from "./rig.js";

const roundTrip = 60;

interface Sent {
  readonly payload: string;
  readonly dataPoints: number;
  readonly devices: number;
  readonly at: number;
}

/** Makes a rig's link keep a server's limits by the real pacing, and counts by windows of its own whether it does. */
export class PacedLink {
  readonly sent: Sent[] = [];
  /** What a server would end the session for. */
  readonly violations: string[] = [];
  readonly #rig: Rig;
  readonly #buckets: Bucket[];
  /** Of the sub-devices. */
  readonly #subBuckets: Bucket[];
  readonly #pacing: Pacing;

  constructor(rig: Rig, limits: SessionLimits) {
    const { link, clock } = rig;
    this.#rig = rig;
    this.#buckets = bucketsOf(limits, () => 1);
    this.#subBuckets = limits.subDevices === undefined ? [] : bucketsOf(limits.subDevices, ({ devices }) => devices);
    this.#pacing = new Pacing(clock, () => link.relieve());
    this.#pacing.apply(limits);
    const publish = link.publish.bind(link);
    link.maxDataPoints = this.#pacing.maxDataPoints;
    link.maxDevices = this.#pacing.maxDevices;
    link.leaves = (part, dataPoints, devices) => link.isOpen && this.#pacing.admit(dataPoints, part, devices);
    link.publish = (topic, payload, byteLength, publisher, token, isDuplicate, dataPoints = 0, devices = 0) => {
      if (!this.#pacing.admit(dataPoints, 0, devices)) return false;
      if (!publish(topic, payload, byteLength, publisher, token, isDuplicate, dataPoints, devices)) return false;
      this.#pacing.spend(dataPoints, devices);
      this.#note(link.published.at(-1)?.payload ?? "", dataPoints, devices);
      clock.timer(() => link.acknowledge(1)).start(roundTrip);
      return true;
    };
  }

  open(): void {
    this.#pacing.begin(1);
    this.#rig.connect();
  }

  #note(payload: string, dataPoints: number, devices: number): void {
    const sent = { payload, dataPoints, devices, at: this.#rig.clock.now };
    this.sent.push(sent);
    for (const bucket of devices === 0 ? this.#buckets : this.#subBuckets)
      if (!bucket.admits(sent)) this.violations.push(`${dataPoints} data at ${sent.at}`);
  }
}

function bucketsOf(limits: RateLimits, messages: (sent: Sent) => number): Bucket[] {
  return [
    ...limits.telemetryMessages.map((limit) => new Bucket(limit, messages)),
    ...limits.telemetryDataPoints.map((limit) => new Bucket(limit, ({ dataPoints }) => dataPoints)),
  ];
}

/** As ThingsBoard keeps it: as large as the limit, refilled evenly. */
class Bucket {
  readonly #limit: RateLimit;
  readonly #cost: (sent: Sent) => number;
  #level: number;
  #at = 0;

  constructor(limit: RateLimit, cost: (sent: Sent) => number) {
    this.#limit = limit;
    this.#cost = cost;
    this.#level = limit.count;
  }

  admits(sent: Sent): boolean {
    const { count, period } = this.#limit;
    this.#level = Math.min(count, this.#level + ((sent.at - this.#at) * count) / period) - this.#cost(sent);
    this.#at = sent.at;
    return this.#level >= 0;
  }
}
