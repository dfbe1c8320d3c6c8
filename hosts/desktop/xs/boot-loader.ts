// SPDX-License-Identifier: Apache-2.0

import type { BootLoader } from "../../../modules/core/ports.js";
import { requests, WireWriter } from "../wire.js";
import { ask } from "./storage.js";

interface BootStatus {
  readonly running: string;
  readonly next: string;
  readonly isOnTrial: boolean;
  readonly isNextRejected: boolean;
}

/** The board's boot loader, as it answered last. */
export class XsBootLoader implements BootLoader {
  #status = request(requests.bootStatus);

  get running(): string {
    return this.#status.running;
  }

  get next(): string {
    return this.#status.next;
  }

  get isOnTrial(): boolean {
    return this.#status.isOnTrial;
  }

  get isNextRejected(): boolean {
    return this.#status.isNextRejected;
  }

  select(): void {
    this.#status = request(requests.bootSelect);
  }

  confirm(): void {
    this.#status = request(requests.bootConfirm);
  }
}

function request(kind: number): BootStatus {
  const answer = ask(new WireWriter().byte(kind));
  answer.byte();
  return {
    running: answer.text(),
    next: answer.text(),
    isOnTrial: answer.byte() === 1,
    isNextRejected: answer.byte() === 1,
  };
}
