// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { canFollow, type SessionState, transitions } from "../../../modules/session/states.js";
import { longest, Rig } from "./rig.js";

const states = Object.keys(transitions) as SessionState[];

describe("The states of a session", () => {
  const ends: SessionState[] = ["waiting", "offline", "stopped"];
  const legal: Record<SessionState, SessionState[]> = {
    stopped: ["offline", "waiting"],
    offline: ["waiting", "stopped"],
    waiting: ["connecting", "offline", "stopped"],
    connecting: ["open", ...ends],
    open: ["connected", ...ends],
    connected: ["live", ...ends],
    live: ends,
  };

  test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))("from %s to %s", (from, to) => {
    expect(canFollow(from, to)).toBe(legal[from].includes(to));
  });

  /** Brings a new session into a state, by legal steps only. */
  function into(state: SessionState): Rig {
    const rig = new Rig({ random: longest });
    rig.subscribe("a");
    if (state === "stopped") return rig;
    rig.session.start();
    if (state === "offline") return rig;
    rig.session.setNetwork(true);
    if (state === "waiting") return rig;
    rig.clock.advance(250);
    if (state === "connecting") return rig;
    const server = rig.open();
    if (state === "open") return rig;
    if (state === "connected") server.accept();
    else server.welcome();
    return rig;
  }

  test.each(states)("%s can be left by stop and by the loss of the network", (state) => {
    const stopped = into(state);
    expect(stopped.session.state).toBe(state);
    stopped.session.stop();
    expect(stopped.session.state).toBe("stopped");
    const lost = into(state);
    lost.session.setNetwork(false);
    expect(lost.session.state).toBe(state === "stopped" ? "stopped" : "offline");
    expect(lost.clock.pending).toBeUndefined();
  });

  test("start is idempotent in each of them", () => {
    for (const state of states.filter((name) => name !== "stopped")) {
      const rig = into(state);
      rig.session.start();
      expect(rig.session.state).toBe(state);
    }
  });
});
