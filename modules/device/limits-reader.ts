// SPDX-License-Identifier: Apache-2.0

import type { Session } from "../session/session.js";
import type { DeviceRpc } from "./device-rpc.js";
import type { Parts } from "./parts.js";

/** Does little until the limits are known, or known not to be told. */
export interface LimitsAwaiter {
  awaitLimits(): void;
  onLimits(): void;
}

/** After each connect, asks the platform what the session may do, so that it paces itself instead of being thrown out. */
export class LimitsReader {
  constructor(parts: Parts, rpc: DeviceRpc, session: Session, awaiter: LimitsAwaiter | undefined) {
    const { link, log, dialect } = parts;
    const { calls } = dialect;
    const method = calls?.sessionLimitsMethod;
    if (calls === undefined || method === undefined) return;
    awaiter?.awaitLimits();
    link.join({
      onOpen: () => {},
      onLive: () => {
        rpc.call(method, {}, {}, (error, result) => {
          if (error !== undefined || result === undefined) {
            log.write("info", "session.limits", "the server does not tell; pacing by the default", error?.reason);
            // The session was too short to tell.
            if (error?.reason !== "request-cancelled") awaiter?.onLimits();
            return;
          }
          const limits = calls.readSessionLimits(result);
          if (typeof limits === "string") log.write("warning", "session.limits", "not understood", limits);
          else session.apply(limits);
          awaiter?.onLimits();
        });
      },
      onClosed: () => {},
      onRoom: () => {},
    });
  }
}
