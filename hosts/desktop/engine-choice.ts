// SPDX-License-Identifier: Apache-2.0

import { UsageError } from "../node/options.js";
import type { Console } from "./console.js";
import { engineAvailable } from "./engine.js";
import type { EngineName } from "./supervisor.js";

/** XS unless another is asked for; where it could not be compiled, V8, which is said in one line. */
export function chooseEngine(wanted: EngineName | undefined, console: Console): EngineName {
  if (wanted === "node" || engineAvailable()) return wanted ?? "xs";
  if (wanted === "xs") throw new UsageError("--engine: XS could not be compiled here (npm package @agoric/xsnap)");
  console.say("warning", "run.engine", "XS could not be compiled here (npm package @agoric/xsnap): running on V8");
  return "node";
}
