// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import type { Bench } from "./bench.js";
import type { PackageKind } from "./cloud.js";

/** In this order, and each once. */
const whole = ["DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING", "UPDATED"];

/** What the old image has told moves to the journal at its end, from where it comes behind what is new, in seconds. */
const journalTime = 60;

const prefixes = { firmware: "fw", software: "sw" } as const;

/** What the device tells of its updates of one kind. */
export class UpdateReport {
  readonly #bench: Bench;
  readonly #prefix: string;

  constructor(bench: Bench, kind: PackageKind) {
    this.#bench = bench;
    this.#prefix = prefixes[kind];
  }

  /** Those that the device ever told: the others are the server's, and by its clock. */
  async states(): Promise<readonly unknown[]> {
    const history = await this.#bench.cloud.history(`${this.#prefix}_state`, 0);
    const states: readonly unknown[] = history.map(({ value }) => value);
    return states.filter((state) => state !== "QUEUED" && state !== "INITIATED");
  }

  async count(): Promise<number> {
    return (await this.states()).length;
  }

  /** What belongs to the last "FAILED". */
  error(): Promise<string> {
    return this.#latest(`${this.#prefix}_error`);
  }

  /** After the first `told` states. */
  async expectState(told: number, state: string, seconds: number): Promise<void> {
    const isThere = await waitFor({ what: `${this.#prefix}_state ${state}`, seconds }, async () => {
      const states = (await this.states()).slice(told);
      if (states.includes(state)) return true;
      return states.includes("FAILED") ? false : undefined;
    });
    assert.ok(isThere, `${this.#prefix}_state FAILED: ${await this.error()}`);
  }

  /** After the first `told` states, and nothing but these: from "DOWNLOADING" to "UPDATED". */
  async expectWhole(told: number): Promise<void> {
    const isThere = async () => ((await this.count()) >= told + whole.length ? true : undefined);
    await waitFor({ what: "all states", seconds: journalTime }, isThere).catch(() => undefined);
    assert.deepEqual((await this.states()).slice(told), whole);
  }

  async expectVersion(version: string): Promise<void> {
    const key = `current_${this.#prefix}_version`;
    await waitFor({ what: `${key} ${version}`, seconds: 30 }, async () =>
      (await this.#latest(key)) === version ? true : undefined,
    );
  }

  async #latest(key: string): Promise<string> {
    return String((await this.#bench.cloud.latest(key))[key]);
  }
}
