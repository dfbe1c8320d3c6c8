// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../../modules/core/ports.js";
import { check, equal } from "../check.js";
import type { HostCase } from "./case.js";

/** Asks for the clock alone, so that fakes of it can be held to the same. */
export const clockCases: readonly HostCase<{ readonly clock: Clock }>[] = [
  {
    name: "a timer started with 0 runs soon, but not inside the call",
    run: ({ clock }, done) => {
      let hasReturned = false;
      const timer = clock.timer(() => {
        check(hasReturned, "ran inside start");
        done();
      });
      timer.start(0);
      hasReturned = true;
    },
  },
  {
    name: "a timer runs once per start",
    run: ({ clock }, done) => {
      let runs = 0;
      clock
        .timer(() => {
          runs += 1;
        })
        .start(1);
      clock
        .timer(() => {
          equal(runs, 1, "runs");
          done();
        })
        .start(40);
    },
  },
  {
    name: "timers run in the order in which they fall due",
    run: ({ clock }, done) => {
      const order: number[] = [];
      clock
        .timer(() => {
          order.push(2);
          equal(order, [1, 2], "order");
          done();
        })
        .start(60);
      clock.timer(() => order.push(1)).start(20);
    },
  },
  {
    name: "a timer that is started again forgets its first start",
    run: ({ clock }, done) => {
      const start = clock.ticks();
      const timer = clock.timer(() => {
        check(clock.elapsed(start) >= 45, `ran after ${clock.elapsed(start)} ms`);
        done();
      });
      timer.start(5);
      timer.start(50);
    },
  },
  {
    name: "a stopped timer does not run, and can be started again",
    run: ({ clock }, done) => {
      let runs = 0;
      const stopped = clock.timer(() => {
        runs += 1;
        if (runs > 0 && hasRestarted) done();
      });
      let hasRestarted = false;
      stopped.start(5);
      stopped.stop();
      stopped.stop();
      clock
        .timer(() => {
          equal(runs, 0, "runs of the stopped timer");
          hasRestarted = true;
          stopped.start(1);
        })
        .start(40);
    },
  },
  {
    name: "a timer can be started from its own callback",
    run: ({ clock }, done) => {
      let runs = 0;
      const timer = clock.timer(() => {
        runs += 1;
        if (runs === 3) done();
        else timer.start(0);
      });
      timer.start(0);
    },
  },
  {
    name: "timers that are due at once take turns",
    run: ({ clock }, done) => {
      const order: string[] = [];
      const greedy = clock.timer(() => {
        order.push("greedy");
        if (order.length < 3) greedy.start(0);
      });
      const modest = clock.timer(() => order.push("modest"));
      greedy.start(0);
      modest.start(0);
      clock
        .timer(() => {
          equal(order, ["greedy", "modest", "greedy"], "order");
          done();
        })
        .start(50);
    },
  },
  {
    name: "a delay of a month does not run at once",
    run: ({ clock }, done) => {
      let hasRun = false;
      const long = clock.timer(() => {
        hasRun = true;
      });
      long.start(31 * 86_400_000);
      clock
        .timer(() => {
          long.stop();
          equal(hasRun, false, "the long timer has run");
          done();
        })
        .start(30);
    },
  },
  {
    name: "elapsed counts the milliseconds since a reading, which is a 32-bit integer",
    run: ({ clock }, done) => {
      const start = clock.ticks();
      equal(start | 0, start, "ticks");
      equal(clock.elapsed((start - 1_000) | 0) >= 1_000, true, "elapsed reaches back");
      clock
        .timer(() => {
          const elapsed = clock.elapsed(start);
          check(elapsed >= 45 && elapsed < 5_000, `elapsed: ${elapsed}`);
          done();
        })
        .start(50);
    },
  },
];
