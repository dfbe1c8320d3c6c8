// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Participant } from "./link.js";
import type { Report } from "./report.js";
import type { SessionState } from "./states.js";

/** The features that live through the phases of a session. What one throws does not keep the others from being told. */
export class Participants {
  readonly #participants: Participant[] = [];
  readonly #session: { readonly state: SessionState };
  readonly #report: Report;
  /** Who is told of room first. */
  #first = 0;

  constructor(session: { readonly state: SessionState }, report: Report) {
    this.#session = session;
    this.#report = report;
  }

  join(participant: Participant): void {
    this.#participants.push(participant);
  }

  /** Ends early when one of them ends the session. */
  tell(callback: "onOpen" | "onLive"): void {
    this.#tellFrom(0, callback);
  }

  /** As `tell`; with `isTurn`, the next one is first. */
  tellRoom(isTurn: boolean): void {
    if (isTurn) this.#first = (this.#first + 1) % Math.max(1, this.#participants.length);
    this.#tellFrom(this.#first, "onRoom");
  }

  #tellFrom(first: number, callback: "onOpen" | "onLive" | "onRoom"): void {
    const { state } = this.#session;
    const count = this.#participants.length;
    // By index: on XS an iteration by `of` allocates, and `onRoom` is frequent.
    for (let index = 0; index < count; index += 1) {
      if (this.#session.state !== state) return;
      try {
        (this.#participants[(first + index) % count] as Participant)[callback]();
      } catch (error) {
        this.#report.onFailed(error);
      }
    }
  }

  tellClosed(reason: Reason): void {
    for (const participant of this.#participants) {
      try {
        participant.onClosed(reason);
      } catch (error) {
        this.#report.onFailed(error);
      }
    }
  }
}
