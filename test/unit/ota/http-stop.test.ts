// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { HttpRig } from "./http-rig.js";

describe("stop", () => {
  test("ends everything, in whatever state, and start goes on with what is missing", () => {
    const answer = HttpRig.answer();
    for (let length = 0; length < answer.length; length += 1) {
      const rig = new HttpRig();
      rig.start();
      rig.say(answer.subarray(0, length));
      const socket = rig.network.socket;
      const { length: count } = rig.came;
      rig.source.stop();
      rig.source.stop();
      expect([socket.isClosed, rig.clock.pending]).toEqual([true, undefined]);
      rig.source.start();
      rig.open();
      expect(rig.asked.start).toBe(64 * count);
      rig.say(rig.goodAnswer());
      expect(rig.came).toEqual([0, 1, 2]);
    }
  });

  test("before the first request prevents it", () => {
    const rig = new HttpRig();
    rig.source.start();
    rig.source.stop();
    rig.clock.advance(1_000_000);
    expect(rig.connections).toBe(0);
  });

  test("in a chunk's callback is heard, and so is start right after it", () => {
    for (const isGoingOn of [false, true]) {
      const rig = new HttpRig();
      rig.onCame = (chunk) => {
        if (chunk !== 0) return;
        rig.source.stop();
        if (isGoingOn) rig.source.start();
      };
      rig.start();
      rig.network.socket.deliver(rig.goodAnswer());
      rig.clock.advance(0);
      rig.clock.advance(0);
      expect([rig.came, rig.network.sockets[0]?.isClosed]).toEqual([[0], true]);
      expect(rig.connections).toBe(isGoingOn ? 2 : 1);
    }
  });

  test("at the end of a range is heard, too", () => {
    const rig = new HttpRig({ present: [1] });
    rig.onCame = () => rig.source.stop();
    rig.start();
    rig.say(rig.goodAnswer());
    rig.clock.advance(1_000_000);
    expect([rig.came, rig.connections]).toEqual([[0], 1]);
  });

  test("in a pause ends the pause", () => {
    const rig = new HttpRig();
    rig.start();
    rig.network.socket.fail("connection-reset");
    rig.source.stop();
    rig.clock.advance(10_000_000);
    expect([rig.connections, rig.end]).toEqual([1, undefined]);
  });
});
