// SPDX-License-Identifier: Apache-2.0

import type { Flash, FlashStatus } from "../../../modules/core/ports.js";
import { requests, type WireReader, WireWriter } from "../wire.js";
import { ask } from "./storage.js";

/** A partition of the board's flash. The board finds it by its name, every time. */
export class XsFlash implements Flash {
  readonly status: FlashStatus;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    const answer = answerTo(this.#request(requests.flashStatus));
    this.status = Object.freeze({
      size: answer.integer(),
      blockLength: answer.integer(),
      blocks: answer.integer(),
      writeAlign: answer.integer(),
    });
  }

  read(into: Uint8Array, byteOffset: number): void {
    into.set(answerTo(this.#request(requests.flashRead).integer(into.length).number(byteOffset)).bytes());
  }

  write(from: Uint8Array, byteOffset: number): void {
    ask(this.#request(requests.flashWrite).bytes(from).number(byteOffset));
  }

  eraseBlock(block: number): void {
    ask(this.#request(requests.flashErase).number(block));
  }

  #request(kind: number): WireWriter {
    return new WireWriter().byte(kind).text(this.#path);
  }
}

/** The fields of an answer that can only be "done". */
function answerTo(request: WireWriter): WireReader {
  const answer = ask(request);
  answer.byte();
  return answer;
}
