// SPDX-License-Identifier: Apache-2.0

import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { RpcDispatcher, type RpcDispatcherOptions } from "../../../modules/rpc/dispatcher.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const dialect = new ThingsBoard(text).rpc;

/** A dispatcher on an open session. */
export function setUpDispatcher(options: Partial<RpcDispatcherOptions> = {}) {
  const clock = new FakeClock(0x7fff_f000);
  const link = new FakeLink();
  const log = new FakeLog();
  const dispatcher = new RpcDispatcher({ link, dialect, clock, text, log, ...options });
  let nextId = 0;
  /** Replies since the last look. */
  const replies = () => link.published.splice(0).map(({ payload }) => payload);
  /** The server calls with an id of its own; returns the replies. */
  const ask = (method: string, params?: unknown) => {
    link.deliver(`v2/r/req/${nextId}`, request(method, params));
    nextId += 1;
    return replies();
  };
  link.open();
  return { clock, link, log, dispatcher, replies, ask };
}

export function request(method: string, params: unknown = null): string {
  return JSON.stringify({ method, params });
}

export function failure(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

/** A promise whose outcome the test decides, and which tells at once. */
export class Later {
  #onResult: ((value: unknown) => void) | undefined;
  #onError: ((error: unknown) => void) | undefined;

  // biome-ignore lint/suspicious/noThenProperty: that is what it is for.
  then(onResult: (value: unknown) => void, onError: (error: unknown) => void): void {
    this.#onResult = onResult;
    this.#onError = onError;
  }

  resolve(value: unknown): void {
    this.#onResult?.(value);
  }

  reject(error: unknown): void {
    this.#onError?.(error);
  }
}
