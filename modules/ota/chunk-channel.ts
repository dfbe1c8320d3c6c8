// SPDX-License-Identifier: Apache-2.0

import type { OtaDialect } from "../cloud/dialect.js";
import type { Link, Participant } from "../session/link.js";
import type { ChunkSource } from "./chunk-source.js";

/**
 * The session as the packages of one kind need it: it lasts as long as the device, while a source is made for each package. The one
 * that was started last gets what the server says.
 */
export class ChunkChannel implements Participant {
  readonly link: Link;
  readonly dialect: OtaDialect;
  #source: ChunkSource | undefined;
  #isLive = false;

  /** Construct it before the session starts. */
  constructor(link: Link, dialect: OtaDialect) {
    this.link = link;
    this.dialect = dialect;
    link.subscribe({
      filter: dialect.responseFilter,
      QoS: 0,
      onMessage: (topic, payload, byteLength) => this.#source?.onResponse(topic, payload, byteLength),
    });
    link.subscribe({
      filter: dialect.errorTopic,
      QoS: 0,
      onMessage: (_topic, payload, byteLength) => this.#source?.onRefused(dialect.readError(payload, byteLength)),
    });
    link.join(this);
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Stops the one before. */
  enter(source: ChunkSource): void {
    if (this.#source !== source) this.#source?.stop();
    this.#source = source;
  }

  /** Idempotent. */
  leave(source: ChunkSource): void {
    if (this.#source === source) this.#source = undefined;
  }

  onOpen(): void {}

  onLive(): void {
    this.#isLive = true;
    this.#source?.onLive();
  }

  onRoom(): void {
    this.#source?.onRoom();
  }

  onClosed(): void {
    this.#isLive = false;
    this.#source?.onClosed();
  }
}
