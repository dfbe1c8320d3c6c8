// SPDX-License-Identifier: Apache-2.0

import type { Host, TlsOptions } from "../../../modules/core/ports.js";
import { check, equal } from "../check.js";
import type { HostCase, TlsPeers } from "./case.js";

interface Refusal {
  readonly name: string;
  readonly reason: string;
  port(peers: TlsPeers): number;
  /** Default: `ca`. */
  options?(peers: TlsPeers): TlsOptions;
  /** Under TLS 1.3 a server says what it thinks of the client when the handshake is done for that one. */
  readonly mayBeConnected?: boolean;
}

const refusals: readonly Refusal[] = [
  {
    name: "a server of another authority",
    reason: "tls-untrusted",
    port: ({ echo }) => echo,
    options: ({ otherCa }) => ({ ca: otherCa }),
  },
  {
    name: "a server that made its certificate itself and sends the authority's behind it",
    reason: "tls-untrusted",
    port: ({ forged }) => forged,
  },
  { name: "a server whose certificate's time is over", reason: "tls-expired", port: ({ expired }) => expired },
  { name: "a server whose certificate's time has not come", reason: "tls-not-yet-valid", port: ({ early }) => early },
  {
    name: "a server whose certificate is good for another host",
    reason: "tls-wrong-host",
    port: ({ elsewhere }) => elsewhere,
  },
  {
    name: "a server whose certificate is good for a name, under its address",
    reason: "tls-wrong-host",
    port: ({ named }) => named,
  },
  {
    name: "a server whose certificate is not good for the name that is asked for",
    reason: "tls-wrong-host",
    port: ({ echo }) => echo,
    options: ({ ca }) => ({ ca, serverName: "elsewhere.test" }),
  },
  {
    name: "a server whose certificate is good for another address",
    reason: "tls-wrong-host",
    port: ({ echo }) => echo,
    options: ({ ca }) => ({ ca, serverName: "127.0.0.2" }),
  },
  {
    name: "a server that wants a certificate of the device, which has none",
    reason: "tls-refused",
    port: ({ strict }) => strict,
    mayBeConnected: true,
  },
  { name: "a server that answers in plain text", reason: "tls-failed", port: ({ plain }) => plain },
  {
    name: "a server that closes in the middle of the handshake",
    reason: "connection-closed",
    port: ({ shut }) => shut,
  },
];

/** Expects that connecting ends with the reason, and with that alone. */
function expectRefusal(host: Host, refusal: Refusal, peers: TlsPeers, done: () => void): void {
  const { ca } = peers;
  let hasReturned = false;
  host.secure(refusal.options?.(peers) ?? { ca })({
    host: "127.0.0.1",
    port: refusal.port(peers),
    onReadable: () => check(false, "readable"),
    onWritable: () => check(refusal.mayBeConnected === true, "writable"),
    onError: (reason) => {
      check(hasReturned, "failed inside the call");
      equal(reason, refusal.reason, "reason");
      done();
    },
  });
  hasReturned = true;
}

export const tlsRefusalCases: readonly HostCase[] = refusals.map((refusal) => ({
  name: `${refusal.name} is ${refusal.reason}`,
  run: (host, done, { tls }) => expectRefusal(host, refusal, tls, done),
}));
