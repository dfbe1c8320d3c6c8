// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { LogLevel, LogSink } from "../core/ports.js";

/** Hears every line of the device. It must not throw; what it logs itself reaches the platform's log alone. */
export type LogListener = (level: LogLevel, event: string, detail: string, reason: Reason | undefined) => void;

/** What is shorter stands in many a line by chance, and is no secret worth the name. */
const minSecretLength = 4;

/** Token, user's password, provisioning secret, a claim's key, and those of a few networks; one more than these displaces the first. */
const maxSecrets = 16;

const veil = "***";

/** The one place through which the lines of a device pass on their way to the platform's log: no secret gets beyond it. */
export class LogTap implements LogSink {
  readonly #sink: LogSink;
  readonly #listeners: LogListener[] = [];
  readonly #secrets: string[] = [];
  #isTelling = false;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** At most a handful, all of them while the device is put together. */
  listen(listener: LogListener): void {
    this.#listeners.push(listener);
  }

  /** From now on these texts are veiled wherever they appear in a line: those of 4 characters or more, the last 16 of them. */
  hideAll(secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) {
      if (secret === undefined || secret.length < minSecretLength || this.#secrets.includes(secret)) continue;
      if (this.#secrets.length >= maxSecrets) this.#secrets.shift();
      this.#secrets.push(secret);
    }
  }

  /** `text` without the secrets. */
  veiled(text: string): string {
    let safe = text;
    for (let index = 0; index < this.#secrets.length; index += 1) {
      const secret = this.#secrets[index] as string;
      if (safe.includes(secret)) safe = safe.split(secret).join(veil);
    }
    return safe;
  }

  write(level: LogLevel, event: string, detail: string, reason?: Reason): void {
    const safe = this.veiled(detail);
    this.#sink.write(level, event, safe, reason);
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let index = 0; index < this.#listeners.length; index += 1)
      this.#listeners[index]?.(level, event, safe, reason);
    this.#isTelling = false;
  }
}
