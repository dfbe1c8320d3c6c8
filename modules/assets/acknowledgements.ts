// SPDX-License-Identifier: Apache-2.0

import { mayBeDenial } from "../core/denial.js";
import type { Reason } from "../core/errors.js";
import type { Text } from "../core/ports.js";
import type { Link, Publisher } from "../session/link.js";

/** Acknowledgements that wait for room, for a session, or for the server's own acknowledgement. */
const maxWaiting = 64;

/** Sessions in a row that must end for an acknowledgement before it is given up: the server denies them to who is no gateway. */
const strikesToGiveUp = 3;

export interface AcknowledgementsOptions {
  readonly link: Link;
  readonly text: Text;
  readonly topicOf: () => string;
  /** It is given up. */
  readonly onDenied: (ackId: string) => void;
}

/** Tells the server which pending events the gateway has taken, once it has the word: again in the next session until then. */
export class Acknowledgements implements Publisher {
  readonly #options: AcknowledgementsOptions;
  readonly #ids: string[] = [];
  #isUnderWay = false;
  #isAccused = false;
  /** Of the first that waits. */
  #strikes = 0;

  constructor(options: AcknowledgementsOptions) {
    const { link } = options;
    this.#options = options;
    link.join({
      onOpen: () => {},
      onLive: () => this.#send(),
      onClosed: (reason) => this.#onClosed(reason),
      onRoom: () => this.#send(),
    });
  }

  /** False when 64 wait. */
  add(ackId: string): boolean {
    if (this.#ids.length >= maxWaiting) return false;
    this.#ids.push(ackId);
    this.#send();
    return true;
  }

  onAcknowledged(): void {
    this.#isUnderWay = false;
    this.#strikes = 0;
    this.#ids.shift();
    this.#send();
  }

  onLost(_token: number, isOldest?: boolean): void {
    this.#isUnderWay = false;
    this.#isAccused = isOldest === true;
  }

  #onClosed(reason: Reason): void {
    if (this.#isAccused && mayBeDenial(reason)) this.#strikes += 1;
    this.#isAccused = false;
    if (this.#strikes < strikesToGiveUp) return;
    this.#strikes = 0;
    const [id] = this.#ids.splice(0, 1);
    if (id !== undefined) this.#options.onDenied(id);
  }

  /** The bare id: in quotes it would not be known. */
  #send(): void {
    const { link, text, topicOf } = this.#options;
    const [id] = this.#ids;
    if (id === undefined || this.#isUnderWay || !link.isOpen) return;
    const bytes = new Uint8Array(text.byteLength(id));
    text.encodeInto(id, bytes, 0);
    this.#isUnderWay = link.publish(topicOf(), bytes, bytes.length, this);
  }
}
