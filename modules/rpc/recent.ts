// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds } from "../core/ports.js";

/** The server repeats requests at SUBSCRIBE only. An equal request that comes later than this is a new one. */
const memory: Milliseconds = 60_000;

/** Of a request that still runs although its id means another one by now: nobody waits for its answer. */
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
  /** While it runs, when it came; afterwards when its answer was made, sent, acknowledged or kept, whichever was last. */
  since = 0;
  /** The session in which the server asked, or asked again: only there does the id mean this request. */
  epoch = 0;
  state: RequestState = "free";
  /** How long its handler may take, from `since` on. */
  deadline: Milliseconds = 0;
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
 * request is recognized by id and content together: while it runs, and up to a minute after its answer was made, sent,
 * acknowledged or, when the session ended first, kept. When full, an answered request makes way, never one that runs or whose
 * answer waits for room.
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
      const isRecent = request.state === "running" || this.#isFresh(request);
      // Not looked at again, lest it seem fresh once the clock has wrapped around.
      if (!isRecent && (request.state === "kept" || request.state === "acknowledged")) this.#free(request);
      if (isRecent && request.state !== "free" && request.id === id && request.fingerprint === fingerprint)
        return request;
    }
    return undefined;
  }

  #isFresh(request: RecentRequest): boolean {
    const age = this.#clock.elapsed(request.since);
    return age >= 0 && age <= memory;
  }

  #free(request: RecentRequest): void {
    request.state = "free";
    request.result = undefined;
  }

  bySerial(serial: number): RecentRequest | undefined {
    return this.#requests.find((request) => request.serial === serial && request.state !== "free");
  }

  /**
   * An older request of this id loses it: its answer would be taken for that of the new one. Nobody waits for that answer any
   * more, so one that waits for room is dropped.
   */
  supersede(id: number): void {
    for (const request of this.#requests) {
      if (request.id !== id) continue;
      request.id = noId;
      if (request.state !== "running") this.#free(request);
    }
  }

  /**
   * Takes the place of the request that will be missed least. Undefined, and nothing changes, when all are running or have an
   * answer that waits for room. The id must have been superseded.
   */
  begin(id: number, fingerprint: number, epoch: number): RecentRequest | undefined {
    let place: RecentRequest | undefined;
    for (const request of this.#requests) {
      if (request.state === "running" || request.state === "waiting") continue;
      if (place === undefined || rank(request) < rank(place)) place = request;
      else if (rank(request) === rank(place) && request.serial < place.serial) place = request;
    }
    if (place === undefined) return undefined;
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

  /** It was answered: keeps a copy of the answer where that is small enough. */
  keep(request: RecentRequest, answer: Uint8Array, byteLength: number): void {
    request.since = this.#clock.ticks();
    request.byteLength = -1;
    if (byteLength > this.#maxAnswerBytes) return;
    for (let at = 0; at < byteLength; at += 1) this.#answers[request.offset + at] = answer[at] as number;
    request.byteLength = byteLength;
  }

  /** Its answer waits for room. That makes it no younger, however often it is tried again. */
  wait(request: RecentRequest): void {
    request.state = "waiting";
  }

  /** Its answer is on its way. */
  sent(request: RecentRequest): void {
    request.result = undefined;
    request.state = "sent";
    request.since = this.#clock.ticks();
  }

  /** Its answer cannot be sent in this session, but perhaps the server asks again within a minute. */
  put(request: RecentRequest): void {
    this.#free(request);
    if (request.byteLength < 0 || request.id === noId) return;
    request.state = "kept";
    request.since = this.#clock.ticks();
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

  /**
   * The session ended: what the server has is over, what it does not have it will ask for again. An answer that was kept
   * before gets no younger by that, or sessions that end often would keep it forever.
   */
  endEpoch(): void {
    for (const request of this.#requests) {
      if (request.state === "acknowledged") this.#free(request);
      else if (request.state === "waiting" || request.state === "sent") this.put(request);
    }
  }
}

function rank(request: RecentRequest): number {
  if (request.state === "free") return 0;
  return request.state === "acknowledged" ? 1 : 2;
}
