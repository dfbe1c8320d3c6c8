// SPDX-License-Identifier: Apache-2.0

/** Per state, the states that may follow it. */
export const transitions = Object.freeze({
  /** Not started, or stopped. */
  stopped: Object.freeze(["offline", "waiting"]),
  /** There is no network to connect with. */
  offline: Object.freeze(["waiting", "stopped"]),
  /** Until the next attempt. */
  waiting: Object.freeze(["connecting", "offline", "stopped"]),
  /** Name, TCP, TLS, CONNECT, SUBSCRIBE are under way. */
  connecting: Object.freeze(["open", "waiting", "offline", "stopped"]),
  /** CONNECT and SUBSCRIBE were written. */
  open: Object.freeze(["connected", "waiting", "offline", "stopped"]),
  /** The server accepted the session. */
  connected: Object.freeze(["live", "waiting", "offline", "stopped"]),
  /** The server answered every subscription. */
  live: Object.freeze(["waiting", "offline", "stopped"]),
} as const);

export type SessionState = keyof typeof transitions;

export function canFollow(from: SessionState, to: SessionState): boolean {
  return (transitions[from] as readonly string[]).includes(to);
}
