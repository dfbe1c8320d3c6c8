// SPDX-License-Identifier: Apache-2.0

import { DeviceError, type Reason } from "../core/errors.js";
import { describeError } from "../core/failure-log.js";

/** Every code by which a request of the server can fail, as it stands in the reply. */
const replyCodes = Object.freeze([
  "malformed-json",
  "unknown-method",
  "invalid-params",
  "handler-failed",
  "request-timeout",
  "too-many-requests",
  "payload-too-large",
  "unknown-device",
] as const satisfies readonly Reason[]);

export type ReplyCode = (typeof replyCodes)[number];

/** Why a request failed: takes the place of a result. */
export class Failure {
  readonly code: ReplyCode;
  readonly message: string;

  constructor(code: ReplyCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** The failure for what a handler threw: a `DeviceError` with one of the codes keeps it, anything else is "handler-failed". */
export function failureOf(error: unknown): Failure {
  const message = describeError(error);
  if (error instanceof DeviceError && isReplyCode(error.reason)) return new Failure(error.reason, message);
  return new Failure("handler-failed", message);
}

function isReplyCode(reason: string): reason is ReplyCode {
  return (replyCodes as readonly string[]).includes(reason);
}
