// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds } from "../core/ports.js";

/** The server repeats requests at SUBSCRIBE only, long before this; after it an equal request is a new one. */
const memory: Milliseconds = 60_000;

/** Of a request whose id means another one by now: nobody waits for its answer. */
const noId = -1;

/**
 * "running": the handler has not answered. "waiting": the answer waits for room on the link. "sent": it is on its way.
 * "kept": the session ended before the server acknowledged it. "acknowledged": the server has it.
 */
export type RequestState = "free" | "running" | "waiting" | "sent" | "kept" | "acknowledged";

/** A request of the server, with its answer once there is one. Reused; `serial` tells one use from the next. */
export class RecentRequest {
  readonly offset: number;
  id = noId;
  fingerprint = 0;
  serial = -1;
  /** When it came, or when its answer was acknowledged. */
  since = 0;
  /** The session in which the server asked, or asked again: only there does the id mean this request. */
  epoch = 0;
  state: RequestState = "free";
  /** Bytes of the answer that are kept, -1 for none. */
  byteLength = -1;
  /** An answer too large to be kept, while it waits for room. */
  result: unknown = undefined;

  constructor(offset: number) {
    this.offset = offset;
  }
}

/**
 * The last few requests, so that one that is repeated is not run twice. Ids begin at 0 again when the server restarts, so a
 * request is recognized by id and content together, and no longer than the server could be repeating it.
 */
export class RecentRequests {
  readonly #clock: Clock;
  readonly #requests: RecentRequest[] = [];
  readonly #answers: Uint8Array;
  readonly #maxAnswerBytes: number;
  #serial = 0;

  constructor(clock: Clock, count: number, maxAnswerBytes: number) {
    this.#clock = clock;
    this.#maxAnswerBytes = maxAnswerBytes;
    this.#answers = new Uint8Array(count * maxAnswerBytes);
    for (let index = 0; index < count; index += 1) this.#requests.push(new RecentRequest(index * maxAnswerBytes));
  }

  [Symbol.iterator](): Iterator<RecentRequest> {
    return this.#requests[Symbol.iterator]();
  }

  /** The request that is being repeated, undefined for a new one. */
  find(id: number, fingerprint: number): RecentRequest | undefined {
    for (const request of this.#requests) {
      if (request.state === "free" || request.id !== id || request.fingerprint !== fingerprint) continue;
      const age = this.#clock.elapsed(request.since);
      if (request.state !== "acknowledged" || (age >= 0 && age <= memory)) return request;
    }
    return undefined;
  }

  bySerial(serial: number): RecentRequest | undefined {
    return this.#requests.find((request) => request.serial === serial && request.state !== "free");
  }

  /**
   * Takes the place of the request that will be missed least; there must be one that is not running.
   * An older request of the same id loses it: its answer would be taken for that of the new one.
   */
  begin(id: number, fingerprint: number, epoch: number): RecentRequest {
    this.#supersede(id);
    let place: RecentRequest | undefined;
    for (const request of this.#requests) {
      if (request.state === "running") continue;
      if (place === undefined || rank(request) < rank(place)) place = request;
      else if (rank(request) === rank(place) && request.serial < place.serial) place = request;
    }
    if (place === undefined) throw new RangeError("recent requests: all are running");
    place.id = id;
    place.fingerprint = fingerprint;
    place.epoch = epoch;
    place.serial = this.#serial;
    place.since = this.#clock.ticks();
    place.state = "running";
    place.byteLength = -1;
    place.result = undefined;
    this.#serial += 1;
    return place;
  }

  #supersede(id: number): void {
    for (const request of this.#requests) {
      if (request.id === id) request.id = noId;
    }
  }

  /** Keeps a copy of the answer where it is small enough. */
  keep(request: RecentRequest, answer: Uint8Array, byteLength: number): void {
    request.byteLength = -1;
    if (byteLength > this.#maxAnswerBytes) return;
    for (let at = 0; at < byteLength; at += 1) this.#answers[request.offset + at] = answer[at] as number;
    request.byteLength = byteLength;
  }

  /** Its answer cannot be sent in this session, but perhaps the server asks again. */
  put(request: RecentRequest): void {
    request.result = undefined;
    request.state = request.byteLength >= 0 && request.id !== noId ? "kept" : "free";
  }

  /** Copies the kept answer to the beginning of `into`. */
  restore(request: RecentRequest, into: Uint8Array): void {
    for (let at = 0; at < request.byteLength; at += 1) into[at] = this.#answers[request.offset + at] as number;
  }

  acknowledge(serial: number): void {
    const request = this.bySerial(serial);
    if (request?.state !== "sent") return;
    request.state = "acknowledged";
    request.since = this.#clock.ticks();
  }

  /** The session ended: what the server has is over, what it does not have it will ask for again. */
  endEpoch(): void {
    for (const request of this.#requests) {
      if (request.state === "running" || request.state === "free") continue;
      if (request.state === "acknowledged") request.state = "free";
      else this.put(request);
    }
  }
}

function rank(request: RecentRequest): number {
  if (request.state === "free") return 0;
  return request.state === "acknowledged" ? 1 : 2;
}
