// SPDX-License-Identifier: Apache-2.0

/**
 * What the owner of a failed step may do about it.
 * "soon": the next attempt may differ, retry by the ordinary backoff.
 * "slowly": somebody has to change something first, retry by the slow ladder.
 * "never": the same input fails again; report and drop it.
 */
export type Retry = "soon" | "slowly" | "never";

/** Every reason by which something can fail, with its retryability: the one list of the project. */
const retryByReason = Object.freeze({
  // Wi-Fi
  "wifi-not-found": "soon",
  "wifi-refused": "slowly",
  "wifi-timeout": "soon",
  "wifi-lost": "soon",
  // the program
  "config-invalid": "never",
  // wall clock
  "time-unavailable": "soon",
  // transport
  "dns-failed": "soon",
  "connect-refused": "soon",
  "host-unreachable": "soon",
  "connect-timeout": "soon",
  "connection-reset": "soon",
  "connection-closed": "soon",
  // TLS; the first is of this firmware, the next four of the server's certificate
  "tls-unavailable": "never",
  "tls-untrusted": "slowly",
  "tls-expired": "slowly",
  // A clock that is a little behind, of the device or of whoever signed: it passes.
  "tls-not-yet-valid": "soon",
  "tls-wrong-host": "slowly",
  // The server says no: it wants a certificate of the device, another one, or another kind of TLS.
  "tls-refused": "slowly",
  "tls-failed": "slowly",
  // The platform has no memory for a connection, or for what it needs beside it: others may give some back.
  "out-of-memory": "soon",
  // MQTT session
  "connack-timeout": "soon",
  "refused-protocol": "slowly",
  "refused-identifier": "slowly",
  "refused-unavailable": "soon",
  "refused-credentials": "slowly",
  "refused-authorization": "slowly",
  "closed-after-connack": "soon",
  // The server takes the client identifier for connected.
  "closed-before-connack": "soon",
  "keepalive-timeout": "soon",
  "acknowledge-timeout": "soon",
  "malformed-packet": "soon",
  "subscription-refused": "slowly",
  "session-stopped": "never",
  // provisioning
  "provisioning-refused": "slowly",
  // The certificate is none, or somebody else's.
  "provisioning-invalid": "never",
  "provisioning-failed": "soon",
  // The connection before has not ended for the server yet.
  "provisioning-busy": "soon",
  // messages from the server
  "malformed-json": "never",
  "payload-too-large": "never",
  "unknown-topic": "never",
  // remote procedure calls and requests
  "unknown-method": "never",
  "invalid-params": "never",
  "handler-failed": "never",
  "too-many-requests": "soon",
  "unknown-device": "never",
  "request-timeout": "soon",
  "request-cancelled": "soon",
  // assets: what the server answers, and what it means that it does not
  "operation-invalid": "never",
  "operation-conflict": "never",
  "operation-not-found": "never",
  "operation-unauthorized": "slowly",
  "operation-failed": "soon",
  "operation-denied": "slowly",
  // over-the-air updates: the package, its way here, and its life on the device
  "package-incomplete": "slowly",
  "package-malformed": "never",
  "package-too-large": "never",
  "package-withdrawn": "never",
  "wrong-title": "never",
  "unknown-algorithm": "never",
  "package-not-found": "slowly",
  "package-unavailable": "slowly",
  "download-timeout": "slowly",
  "url-refused": "never",
  "http-refused": "slowly",
  "http-malformed": "soon",
  "checksum-mismatch": "never",
  "signature-missing": "never",
  "signature-wrong": "never",
  // The platform could not tell whether it is right: it had no memory for that.
  "signature-unchecked": "soon",
  "image-refused": "never",
  "application-failed": "never",
  "wrong-framework": "never",
  "trial-timeout": "never",
  "trial-crashed": "never",
  "trial-interrupted": "soon",
  "rolled-back": "never",
  // data
  "queue-full": "soon",
  "too-many-keys": "never",
  "too-many-children": "never",
  "too-many-sources": "never",
  "value-refused": "never",
  "poisoned-datum": "never",
  "storage-failed": "soon",
} as const satisfies Readonly<Record<string, Retry>>);

export type Reason = keyof typeof retryByReason;

export function retryOf(reason: Reason): Retry {
  return retryByReason[reason];
}

/** A failure of a peer, of the transport or of the platform. Mistakes of the programmer are `TypeError` and `RangeError`. */
export class DeviceError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string = reason, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  // A getter, because assigning an inherited name throws on a linked XS (trap T5).
  override get name(): string {
    return "DeviceError";
  }
}
