// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";
import type { Link, Publisher } from "../session/link.js";

/** Acknowledgements that wait for room, for a session, or for the server's own acknowledgement. */
const maxWaiting = 64;

export interface AcknowledgementsOptions {
  readonly link: Link;
  readonly text: Text;
  readonly topicOf: () => string;
}

/** Tells the server which pending events the gateway has taken, once it has the word: again in the next session until then. */
export class Acknowledgements implements Publisher {
  readonly #options: AcknowledgementsOptions;
  readonly #ids: string[] = [];
  #isUnderWay = false;

  constructor(options: AcknowledgementsOptions) {
    const { link } = options;
    this.#options = options;
    link.join({ onOpen: () => {}, onLive: () => this.#send(), onClosed: () => {}, onRoom: () => this.#send() });
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
    this.#ids.shift();
    this.#send();
  }

  onLost(): void {
    this.#isUnderWay = false;
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
