// SPDX-License-Identifier: Apache-2.0

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { EngineName } from "../../hosts/desktop/supervisor.js";
import { type Platform, startLocalPlatform } from "../acceptance/platform.js";
import { cases, type Outcome, runCase } from "../acceptance/suite.js";
import { describeOnXs } from "./engine-required.js";

/** Cases at a time: most of each is waiting. */
const width = 4;
const longest = 240_000;

function suite(engine: EngineName): void {
  const outcomes = new Map<string, Promise<Outcome>>();
  let platform: Platform;

  beforeAll(async () => {
    platform = await startLocalPlatform();
    const lanes: Promise<unknown>[] = Array.from({ length: width }, () => Promise.resolve());
    for (const [index, each] of cases.entries()) {
      const lane = index % width;
      const outcome = (lanes[lane] as Promise<unknown>).then(() => runCase(each, platform, engine));
      lanes[lane] = outcome;
      outcomes.set(each.id, outcome);
    }
  });

  afterAll(() => platform.close());

  test.each(cases.map(({ id, title }) => [id, title]))(
    "%s: %s",
    async (id) => {
      expect(await outcomes.get(id)).toEqual({ result: "ok", why: "" });
    },
    longest,
  );
}

describe("the example procedures against the local server, on V8", () => suite("node"));
describeOnXs("the example procedures against the local server, on XS", () => suite("xs"));
