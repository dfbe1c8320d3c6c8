// SPDX-License-Identifier: Apache-2.0

import type { RateLimit, SessionLimits } from "../../../modules/cloud/dialect.js";
import { Pacing } from "../../../modules/session/pacing.js";
import type { Rig } from "./rig.js";

const roundTrip = 60;

interface Sent {
  readonly payload: string;
  readonly dataPoints: number;
  readonly at: number;
}

/** Makes a rig's link keep a server's limits by the real pacing, and counts by windows of its own whether it does. */
export class PacedLink {
  readonly sent: Sent[] = [];
  /** What a server would end the session for. */
  readonly violations: string[] = [];
  readonly #rig: Rig;
  readonly #buckets: Bucket[];
  readonly #pacing: Pacing;

  constructor(rig: Rig, limits: SessionLimits) {
    const { link, clock } = rig;
    this.#rig = rig;
    this.#buckets = [
      ...limits.telemetryMessages.map((limit) => new Bucket(limit, () => 1)),
      ...limits.telemetryDataPoints.map((limit) => new Bucket(limit, ({ dataPoints }) => dataPoints)),
    ];
    this.#pacing = new Pacing(clock, () => link.relieve());
    this.#pacing.apply(limits);
    const publish = link.publish.bind(link);
    link.maxDataPoints = this.#pacing.maxDataPoints;
    link.leaves = (part, dataPoints) => link.isOpen && this.#pacing.admit(dataPoints, part);
    link.publish = (topic, payload, byteLength, publisher, token, isDuplicate, dataPoints = 0) => {
      if (!this.#pacing.admit(dataPoints)) return false;
      if (!publish(topic, payload, byteLength, publisher, token, isDuplicate, dataPoints)) return false;
      this.#pacing.spend(dataPoints);
      this.#note(link.published.at(-1)?.payload ?? "", dataPoints);
      clock.timer(() => link.acknowledge(1)).start(roundTrip);
      return true;
    };
  }

  open(): void {
    this.#pacing.begin(1);
    this.#rig.connect();
  }

  #note(payload: string, dataPoints: number): void {
    const sent = { payload, dataPoints, at: this.#rig.clock.now };
    this.sent.push(sent);
    for (const bucket of this.#buckets)
      if (!bucket.admits(sent)) this.violations.push(`${dataPoints} data at ${sent.at}`);
  }
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
