// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

interface Package {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test("the lockfile names the packages of every platform, without which npm ci refuses it", () => {
  const file = new URL("../../../package-lock.json", import.meta.url);
  const packages: Readonly<Record<string, Package>> = JSON.parse(readFileSync(file, "utf8")).packages;
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
