// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../../core/ports.js";
import { createProblem, type Problem } from "./problem.js";
import type { ResponseHead } from "./response-head.js";
import type { HttpUrl } from "./url.js";

const maxRedirects = 5;

/** A server that wants to be left alone for longer is asked before that. */
const maxRetryAfter: Milliseconds = 900_000;

/** What a response has to be good for. */
export interface Wanted {
  /** The range that was asked for, `end` is behind its last byte. */
  readonly start: number;
  readonly end: number;
  /** Bytes of the package. */
  readonly size: number;
  /** Strong entity tag of what is there already. */
  readonly tag: string | undefined;
}

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Why the body of a response that is no redirect is of no use; undefined where it is. */
export function judgeResponse(head: ResponseHead, wanted: Wanted): Problem | undefined {
  const { status } = head;
  if (status === 200 || status === 206 || status === 416) {
    const size = status === 200 ? head.contentLength : head.contentRange?.size;
    if (size !== undefined && size >= 0 && size !== wanted.size)
      return createProblem("package-malformed", `${size} bytes instead of ${wanted.size}`);
  }
  if (status === 200 || status === 206) return judgeBody(head, wanted);
  if (!isTransient(status)) return createProblem("http-refused", `status ${status}`);
  const pause = Math.min((head.retryAfterSeconds ?? 0) * 1_000, maxRetryAfter);
  return createProblem("http-refused", `status ${status}`, "soon", pause);
}

/** Why a redirect is not followed. `to` is undefined where it leads nowhere that can be asked. */
export function judgeRedirect(
  head: ResponseHead,
  from: HttpUrl,
  to: HttpUrl | undefined,
  redirects: number,
): Problem | undefined {
  if (head.location === undefined) return createProblem("http-malformed", `status ${head.status} without a location`);
  if (to === undefined) return createProblem("url-refused", "a redirect to what is no URL of HTTP");
  if (from.isSecure && !to.isSecure) return createProblem("url-refused", "a redirect from HTTPS to HTTP");
  return redirects < maxRedirects ? undefined : createProblem("http-refused", "too many redirects");
}

function judgeBody(head: ResponseHead, wanted: Wanted): Problem | undefined {
  const { status, tag } = head;
  if (head.isEncoded) return createProblem("http-malformed", "a body that is encoded");
  if (tag !== undefined && wanted.tag !== undefined && tag !== wanted.tag)
    return createProblem("package-withdrawn", "another file since the download began");
  return status === 206 ? judgeRange(head, wanted) : undefined;
}

/** Servers may send less than they were asked for. */
function judgeRange({ contentRange, contentLength }: ResponseHead, { start, end }: Wanted): Problem | undefined {
  if (contentRange?.start !== start || contentRange.end > end)
    return createProblem("http-malformed", "not the range that was asked for");
  const length = contentRange.end - start;
  return (contentLength ?? length) === length
    ? undefined
    : createProblem("http-malformed", "a body that is not as long as its range");
}

/** Request Timeout, Too Early, Too Many Requests, and whatever is wrong with the server. */
function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
