// SPDX-License-Identifier: Apache-2.0
// Every unit test and every contract suite of the portable modules, on the engine for which they are written.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { describeOnXs } from "./engine-required.js";
import { runOnXsLane } from "./unit-lane.js";

/** Tests of the hosts that run on Node, and of the tools. */
const needsNode = /from "(node:|.*\/hosts\/(node|desktop)\/|(\.\.\/)+chip\/)/;

const files = [...testFiles("test/unit"), ...testFiles("test/contract/mqtt-client")];

/** For the longest file on a slow machine, with as many others at the same time as `maxConcurrency` says. */
const patience = 120_000;

describeOnXs("on XS", () => {
  test.concurrent.each(files)(
    "%s",
    async (file) => {
      const { cases, failures } = await runOnXsLane(file);
      expect(failures).toEqual([]);
      expect(cases).toBeGreaterThan(0);
    },
    patience,
  );
});

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name}`)
    .filter((path) => !needsNode.test(readFileSync(path, "utf8")))
    .sort();
}
