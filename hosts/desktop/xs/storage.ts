// SPDX-License-Identifier: Apache-2.0

import { DeviceError, type Reason } from "../../../modules/core/errors.js";
import type { KeyValueStore } from "../../../modules/core/ports.js";
import { answers, requests, WireReader, WireWriter } from "../wire.js";
import { engine } from "./engine-globals.js";

/** The board's key-value storage. */
export class XsStorage implements KeyValueStore {
  read(key: string): Uint8Array | undefined {
    const answer = ask(new WireWriter().byte(requests.read).text(key));
    return answer.byte() === answers.done ? answer.bytes().slice() : undefined;
  }

  write(key: string, value: Uint8Array): void {
    ask(new WireWriter().byte(requests.write).text(key).bytes(value)).byte();
  }

  delete(key: string): boolean {
    return ask(new WireWriter().byte(requests.delete).text(key)).byte() === answers.done;
  }
}

/** Asks the board and waits. Throws what the board could not do. */
export function ask(request: WireWriter): WireReader {
  const answer = new Uint8Array(engine.issueCommand(request.take().buffer));
  if (answer[0] !== answers.failed) return new WireReader(answer);
  const failure = new WireReader(answer.subarray(1));
  throw errorOf(failure.text(), failure.text());
}

function errorOf(kind: string, message: string): Error {
  if (kind === "TypeError") return new TypeError(message);
  if (kind === "RangeError") return new RangeError(message);
  return new DeviceError(kind as Reason, message);
}
