// SPDX-License-Identifier: Apache-2.0

import type { LogSink, Milliseconds, SecureSocketFactory } from "../../modules/core/ports.js";
import type { Guard } from "../xs/guard.js";
import type { Resources } from "../xs/resource.js";
import { createSocketFactory } from "../xs/socket.js";
import type { OpenTcp } from "../xs/tcp.js";
import { TlsCredentials } from "./credentials.js";
import { TlsSession } from "./session.js";
import { TlsTcp } from "./tls-tcp.js";

/** 2020-01-01 UTC. A clock that is earlier was never set. */
const earliestPlausibleTime = 1_577_836_800_000;

export interface SecureOptions {
  readonly guard: Guard;
  readonly open: OpenTcp;
  readonly log: LogSink;
  /** The platform's wall clock, set or not. */
  readonly now: () => Milliseconds;
  readonly resources?: Resources;
}

/** TLS over the SDK's sockets, by Mbed TLS. */
export function createSecureFactory({ guard, open, log, now, resources }: SecureOptions): SecureSocketFactory {
  return (tls) => {
    const credentials = new TlsCredentials(tls);
    const { serverName } = tls;
    const openTls: OpenTcp = (options) => {
      const time = now();
      const isKnown = time >= earliestPlausibleTime;
      if (!isKnown) log.write("warning", "host.tls", "clock not set: dates of certificates are not checked");
      const session = new TlsSession(credentials, serverName ?? options.name, isKnown ? Math.floor(time / 1_000) : 0);
      return new TlsTcp({ ...options, session, guard, open, log });
    };
    return createSocketFactory(guard, openTls, resources);
  };
}
