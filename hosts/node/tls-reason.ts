// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import { socketReason } from "./socket-reason.js";
import type { Progress } from "./transport.js";

const reasonByCode: ReadonlyMap<string, Reason> = new Map([
  ["CERT_HAS_EXPIRED", "tls-expired"],
  ["CERT_NOT_YET_VALID", "tls-not-yet-valid"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls-wrong-host"],
] as const);

/** What Node knows about the end of a TLS connection. */
export interface TlsFailure extends Progress {
  readonly code: string | undefined;
  /** The system's function that failed, undefined where TLS did. */
  readonly syscall: string | undefined;
  /** The server's certificate did not stand the test. */
  readonly isVerification: boolean;
}

/** What the end of a TLS connection means to the firmware. */
export function tlsReason({ code = "", syscall, isVerification, isReady, hasReceived }: TlsFailure): Reason {
  if (isVerification) return reasonByCode.get(code) ?? "tls-untrusted";
  // A server that asks for a certificate may say what it thinks of it after the handshake (TLS 1.3), but not after data.
  if (code.startsWith("ERR_SSL_") && !hasReceived) return code.includes("_ALERT_") ? "tls-refused" : "tls-failed";
  if (code === "EPROTO" && !isReady) return "tls-failed";
  // Node has one code for a reset and for an end in the middle of the handshake.
  if (code === "ECONNRESET" && syscall === undefined) return "connection-closed";
  return socketReason(code, isReady);
}
