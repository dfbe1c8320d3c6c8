// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Trial } from "../../../modules/telemetry/trial.js";
import { FakeClock } from "../../fakes/clock.js";

class Rig {
  readonly clock = new FakeClock();
  due = 0;
  readonly trial = new Trial(this.clock, () => {
    this.due += 1;
  });

  /** A session with a suspect that ends before that is tried. */
  endEarly(): void {
    this.trial.onLive(true);
    this.clock.advance(1_999);
    this.trial.onClosed(true);
  }

  /** Up to the moment when a suspect may be tried. */
  goQuiet(): void {
    this.trial.onLive(true);
    this.clock.advance(2_000);
  }
}

describe("Trial", () => {
  test("is due when the session has been live for two seconds", () => {
    const { trial, clock, ...rig } = new Rig();
    trial.onLive(true);
    clock.advance(1_999);
    expect(trial.isDue).toBe(false);
    expect(trial.admitOthers()).toBe(true);
    clock.advance(1);
    expect(trial.isDue).toBe(true);
    expect(rig.due).toBe(0);
  });

  test("says when it is due", () => {
    const rig = new Rig();
    rig.goQuiet();
    expect(rig.due).toBe(1);
  });

  test("wakes nobody where there is no suspect, or no session any more", () => {
    const rig = new Rig();
    rig.trial.onLive(false);
    expect(rig.clock.pending).toBeUndefined();
    rig.endEarly();
    expect(rig.clock.pending).toBeUndefined();
    expect(rig.trial.isDue).toBe(false);
  });

  test("keeps everything else back from when it is due until it is over, and then lets the others have their turn", () => {
    const rig = new Rig();
    rig.goQuiet();
    expect(rig.trial.admitOthers()).toBe(false);
    rig.trial.onPublished(true);
    expect(rig.trial).toMatchObject({ isUnderWay: true });
    expect(rig.trial.admitOthers()).toBe(false);
    rig.trial.onAcknowledged();
    expect(rig.trial.admitOthers()).toBe(true);
    expect(rig.trial.admitOthers()).toBe(false);
    rig.trial.onAcknowledged();
    expect(rig.trial.admitOthers()).toBe(false);
  });

  test("keeps the others back in the session after one that came to no trial", () => {
    const rig = new Rig();
    rig.endEarly();
    expect(rig.trial.isStrict).toBe(true);
    rig.trial.onLive(true);
    expect(rig.trial.admitOthers()).toBe(false);
    expect(rig.trial).toMatchObject({ isDue: false, weight: 1 });
    rig.clock.advance(2_000);
    expect(rig.trial.isDue).toBe(true);
  });

  test("comes at once, and proves nothing, in the session after two that came to no trial", () => {
    const rig = new Rig();
    rig.endEarly();
    rig.endEarly();
    expect(rig.trial).toMatchObject({ isDue: true, isHasty: true, isStrict: false, weight: 0 });
    rig.trial.onLive(true);
    expect(rig.trial.weight).toBe(0);
    rig.trial.onPublished(true);
    rig.trial.onClosed(true);
    expect(rig.trial).toMatchObject({ isDue: false, isHasty: false, isStrict: false });
  });

  test("begins again with the first way when the third has failed, too", () => {
    const rig = new Rig();
    for (let session = 0; session < 3; session += 1) rig.endEarly();
    expect(rig.trial).toMatchObject({ isHasty: false, isStrict: false });
  });

  test("counts neither a witness nor a session without a suspect", () => {
    const rig = new Rig();
    rig.goQuiet();
    rig.trial.onPublished(false);
    rig.trial.onClosed(true);
    expect(rig.trial.isStrict).toBe(true);
    rig.trial.onClosed(false);
    expect(rig.trial.isStrict).toBe(false);
  });

  test("proves a quarter before the server has answered", () => {
    const rig = new Rig();
    expect(rig.trial.weight).toBe(0.25);
    rig.trial.onLive(false);
    expect(rig.trial.weight).toBe(1);
    rig.trial.onClosed(false);
    expect(rig.trial.weight).toBe(0.25);
  });
});
