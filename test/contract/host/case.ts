// SPDX-License-Identifier: Apache-2.0

import type { Host } from "../../../modules/core/ports.js";

/** A certificate and its key, PEM. */
export interface PeerIdentity {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Ports of peers that speak TLS. Their certificates are good for `127.0.0.1` and `device.test`, where nothing else is said. */
export interface TlsPeers {
  /** PEM of the authority that all of them have their certificates from, where nothing else is said. */
  readonly ca: string;
  /** PEM of an authority that none of them has its certificate from. */
  readonly otherCa: string;
  /** From `ca`, for the device. */
  readonly identity: PeerIdentity;
  /** From `otherCa`, for the device. */
  readonly otherIdentity: PeerIdentity;
  readonly echo: number;
  readonly bye: number;
  readonly reset: number;
  readonly flood: number;
  /** Echo of a server that has its certificate from an authority below `ca`, and sends that one's too. */
  readonly chained: number;
  /** Sends a certificate that it made up itself, with that of `ca` behind it. */
  readonly forged: number;
  /** Its certificate's time is over. */
  readonly expired: number;
  /** Its certificate's time has not come. */
  readonly early: number;
  /** Its certificate is good for `elsewhere.test` only. */
  readonly elsewhere: number;
  /** Its certificate is from `ca` and good for `device.test` only; sends the name it was asked for and closes. */
  readonly named: number;
  /** Echo for clients with a certificate from `ca`. */
  readonly strict: number;
  /** Answers in plain text. */
  readonly plain: number;
  /** Closes on the first bytes. */
  readonly shut: number;
  /** Takes connections and says nothing. */
  readonly silent: number;
}

/** Loopback ports with a peer of known behaviour behind each. */
export interface Peers {
  /** Sends back what it receives. */
  readonly echo: number;
  /** Sends "bye" and closes. */
  readonly bye: number;
  /** Resets the connection when it receives something. */
  readonly reset: number;
  /** Sends 300,000 bytes, the n-th is n modulo 251, and closes. */
  readonly flood: number;
  /** Nobody listens. */
  readonly refused: number;
  readonly tls: TlsPeers;
}

/** One obligation of a host. `run` calls `done` when it is met; an exception, also in a callback, says that it is not. */
export interface HostCase<H = Host> {
  readonly name: string;
  run(host: H, done: () => void, peers: Peers): void;
}
