// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import type { TlsCredentials } from "./credentials.js";

/** What ended a connection, by the negative number that tls-session.c has for it. */
const reasons: readonly Reason[] = Object.freeze([
  "connection-reset",
  "tls-untrusted",
  "tls-expired",
  "tls-not-yet-valid",
  "tls-wrong-host",
  "tls-refused",
  "tls-failed",
  "connection-closed",
  "connection-reset",
  "out-of-memory",
] as const);

/** Of a negative result of `TlsSession`. */
export function reasonOf(result: number): Reason {
  return reasons[-result] ?? "connection-reset";
}

/** The functions of tls-session.c: one connection without a network. Nothing but `close` is legal after a negative result. */
export class TlsSession extends Native("xs_tls_session_destructor") {
  /** `now` is in seconds since 1970, 0 where it is not known. Throws where there is no memory. */
  constructor(credentials: TlsCredentials, name: string, now: number) {
    super();
    native("xs_tls_session").call(this, credentials, name, now);
  }

  /** Encrypted bytes that came in; at most one piece, and only where a result asked for more. */
  feed(bytes: Uint8Array): void {
    native("xs_tls_session_feed").call(this, bytes);
  }

  /** Moves encrypted bytes that have to go out to `into`; returns how many. */
  take(into: Uint8Array): number {
    return native("xs_tls_session_take").call(this, into);
  }

  /** 1: done, 0: more has to come in. */
  handshake(): number {
    return native("xs_tls_session_handshake").call(this);
  }

  /** Above 0: bytes that can be read, 0: more has to come in. */
  receive(): number {
    return native("xs_tls_session_receive").call(this);
  }

  /** Fills `into`, which is no longer than `receive` said. */
  read(into: Uint8Array): number {
    return native("xs_tls_session_read").call(this, into);
  }

  write(from: Uint8Array): number {
    return native("xs_tls_session_write").call(this, from);
  }

  /** Bytes by which a record is longer than what is in it. */
  get expansion(): number {
    return native("xs_tls_session_expansion").call(this);
  }

  /** Bytes that fit into a record. */
  get payload(): number {
    return native("xs_tls_session_payload").call(this);
  }

  /** What Mbed TLS said last, for people. */
  get error(): number {
    return native("xs_tls_session_error").call(this);
  }

  farewell(): void {
    native("xs_tls_session_farewell").call(this);
  }

  /** Gives the memory back. */
  close(): void {
    native("xs_tls_session_close").call(this);
  }
}
