// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { LogLevel, LogSink } from "../core/ports.js";

/** Hears every line of the device. It must not throw; what it logs itself reaches the platform's log alone. */
export type LogListener = (level: LogLevel, event: string, detail: string, reason: Reason | undefined) => void;

/** What is shorter stands in many a line by chance, and is no secret worth the name. */
const minSecretLength = 4;

/** What a device can learn: one more displaces the first. Those of the configuration stay. */
const maxLearned = 16;

/** Nobody cuts off what is shorter; a short line may well end like a secret begins. */
const minCutLength = 100;

const veil = "***";

/** The one place through which the lines of a device pass on their way to the platform's log: no secret gets beyond it. */
export class LogTap implements LogSink {
  readonly #sink: LogSink;
  readonly #listeners: LogListener[] = [];
  /** Longest first, so that none is hidden in part by another that it contains. */
  readonly #secrets: string[] = [];
  readonly #learned: string[] = [];
  #isTelling = false;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** At most a handful, all of them while the device is put together. */
  listen(listener: LogListener): void {
    this.#listeners.push(listener);
  }

  /** From now on, and for ever, these texts are veiled wherever they appear in a line: those of 4 characters or more. */
  hideAll(secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) this.#hide(secret);
  }

  /** The same for what is learned later, the last 16 of them. */
  hideLearned(secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) {
      if (secret === undefined || !this.#hide(secret)) continue;
      this.#learned.push(secret);
      const oldest = this.#learned.length > maxLearned ? this.#learned.shift() : undefined;
      if (oldest !== undefined) this.#secrets.splice(this.#secrets.indexOf(oldest), 1);
    }
  }

  /** `text` without the secrets, also without the beginning of one where the text was cut off. */
  veiled(text: string): string {
    let safe = text;
    for (let index = 0; index < this.#secrets.length; index += 1) {
      const secret = this.#secrets[index] as string;
      if (safe.includes(secret)) safe = safe.split(secret).join(veil);
      const cut = cutOff(safe, secret);
      if (cut >= 0) safe = safe.slice(0, cut) + veil;
    }
    return safe;
  }

  /** False for what is hidden already, or no secret. */
  #hide(secret: string | undefined): boolean {
    if (secret === undefined || secret.length < minSecretLength || this.#secrets.includes(secret)) return false;
    this.#secrets.push(secret);
    this.#secrets.sort((one, other) => other.length - one.length);
    return true;
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

/** Where a secret begins with which the text ends, as far as it goes; -1 where it does not. */
function cutOff(text: string, secret: string): number {
  if (text.length < minCutLength) return -1;
  const start = secret.slice(0, minSecretLength);
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1))
    if (secret.startsWith(text.slice(at))) return at;
  return -1;
}
