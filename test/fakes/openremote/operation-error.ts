// SPDX-License-Identifier: Apache-2.0

export type OperationErrorCode = "BAD_REQUEST" | "CONFLICT" | "NOT_FOUND" | "UNAUTHORIZED" | "INTERNAL_SERVER_ERROR";

/** An operation that fails with an answer. All other failures are answered by nothing. */
export class OperationError extends Error {
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  toJson(): object {
    return { type: "error", error: this.code, message: this.message };
  }
}
