// SPDX-License-Identifier: Apache-2.0

import type { ApplicationSlot } from "../../../modules/core/ports.js";
import { answers, requests, WireWriter } from "../wire.js";
import { ask } from "./storage.js";

const running = "xs";

/** The board has the slot; what is in it runs here. */
export const applicationSlot: ApplicationSlot = {
  running,
  next: "xs_next",
  load: () => {
    const answer = ask(new WireWriter().byte(requests.application));
    return answer.byte() === answers.done ? evaluate(answer.text()) : undefined;
  },
};

/** Runs a script in the form of CommonJS and returns what it exports. Stack traces have the lines of the image that it was in. */
function evaluate(script: string): unknown {
  const module: { exports: unknown } = { exports: {} };
  // Called by another name, so that it runs in the global scope.
  const { eval: evaluateGlobally } = globalThis;
  const run = evaluateGlobally(`(function (module) {\n${script}\n})\n//# sourceURL=${running}`);
  run(module);
  return module.exports;
}
