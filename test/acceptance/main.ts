// SPDX-License-Identifier: Apache-2.0
// npm run acceptance: the example procedures, one after the other, against the local server or the one the environment names.

import { Console } from "../../hosts/desktop/console.js";
import { chooseEngine } from "../../hosts/desktop/engine-choice.js";
import { choice, readOptions, runProgram, text, UsageError } from "../../hosts/node/options.js";
import { connectPlatform, startLocalPlatform } from "./platform.js";
import { cases, runCase } from "./suite.js";

const options = {
  engine: choice("xs", "node"),
  /** Ids with commas between them. */
  only: text,
} as const;

const exitFailed = 1;

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  const engine = chooseEngine(values.engine, new Console(false));
  const wanted = values.only?.split(",");
  const unknown = wanted?.find((id) => !cases.some((each) => each.id === id));
  if (unknown !== undefined)
    throw new UsageError(`--only: "${unknown}" is not one of ${cases.map(({ id }) => id).join(", ")}`);
  const isRemote = process.env.XSTHING_SERVER !== undefined;
  const platform = isRemote ? await connectPlatform(process.env) : await startLocalPlatform();
  const counts = { ok: 0, skipped: 0, failed: 0 };
  for (const each of cases) {
    if (wanted?.includes(each.id) === false) continue;
    const since = performance.now();
    const { result, why } = await runCase(each, platform, engine);
    counts[result] += 1;
    const seconds = ((performance.now() - since) / 1_000).toFixed(1);
    console.log(`${result.padEnd(8)}${each.id.padEnd(5)} ${each.title} (${seconds} s)${why === "" ? "" : `: ${why}`}`);
  }
  await platform.close();
  console.log(`${counts.ok} passed, ${counts.skipped} skipped, ${counts.failed} failed, on ${engine}`);
  process.exit(counts.failed === 0 ? 0 : exitFailed);
});
