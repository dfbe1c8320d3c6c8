// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { type TlsFailure, tlsReason } from "../../../hosts/node/tls-reason.js";

const handshake = { syscall: undefined, isVerification: false, isReady: false, hasReceived: false };
const verification = { ...handshake, isVerification: true };
const settled = { ...handshake, isReady: true, hasReceived: true };

test.each<[string, Omit<TlsFailure, "code">, string]>([
  ["CERT_HAS_EXPIRED", verification, "tls-expired"],
  ["CERT_NOT_YET_VALID", verification, "tls-not-yet-valid"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", verification, "tls-wrong-host"],
  ["SELF_SIGNED_CERT_IN_CHAIN", verification, "tls-untrusted"],
  ["INVALID_PURPOSE", verification, "tls-untrusted"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", handshake, "tls-refused"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", { ...handshake, isReady: true }, "tls-refused"],
  ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", settled, "connection-reset"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", handshake, "tls-failed"],
  ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", settled, "connection-reset"],
  ["EPROTO", handshake, "tls-failed"],
  ["ECONNRESET", handshake, "connection-closed"],
  ["ECONNRESET", { ...handshake, syscall: "read" }, "connection-reset"],
  ["ECONNREFUSED", { ...handshake, syscall: "connect" }, "connect-refused"],
  ["ENOTFOUND", { ...handshake, syscall: "getaddrinfo" }, "dns-failed"],
])("%s in %j is %s", (code, failure, reason) => {
  expect(tlsReason({ ...failure, code })).toBe(reason);
});
