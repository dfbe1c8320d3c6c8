import type { ErrorHandler } from "hono";
import { KeyError } from "../core/device-data.js";
import { PayloadFault, TransportFault } from "../core/faults.js";
import { RegistryError } from "../core/registry-error.js";

/** ThingsBoard's error codes, as far as they occur here. */
export const errorCodes = {
  general: 2,
  authentication: 10,
  tokenExpired: 11,
  permissionDenied: 20,
  badRequest: 31,
  notFound: 32,
} as const;

export type ErrorStatus = 400 | 401 | 403 | 404 | 413 | 415 | 500;

/** An answer in ThingsBoard's error format. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly status: ErrorStatus;
  readonly errorCode: number;

  constructor(status: ErrorStatus, errorCode: number, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export function badRequest(message: string): RestError {
  return new RestError(400, errorCodes.badRequest, message);
}

export function permissionDenied(): RestError {
  const message = "You don't have permission to perform this operation!";
  return new RestError(403, errorCodes.permissionDenied, message);
}

export function notFound(message = "Requested item wasn't found!"): RestError {
  return new RestError(404, errorCodes.notFound, message);
}

export function errorJson({ status, message, errorCode }: RestError): object {
  return { status, message, errorCode, timestamp: Date.now() };
}

export const handleError: ErrorHandler = (error, c) => {
  const restError = toRestError(error);
  return c.json(errorJson(restError), restError.status);
};

function toRestError(error: Error): RestError {
  if (error instanceof RestError) return error;
  const isRequestFault = [PayloadFault, TransportFault, KeyError, RegistryError].some((kind) => error instanceof kind);
  return isRequestFault ? badRequest(error.message) : new RestError(500, errorCodes.general, error.message);
}
