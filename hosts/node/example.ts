// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync } from "node:fs";
import { type Option, UsageError } from "./options.js";

const folder = new URL("../../examples/", import.meta.url);

/** The name of an example that runs in the place of main.ts. */
export const example: Option<string> = {
  type: "string",
  read: (name, raw) => {
    const names = readdirSync(folder).filter((entry) => existsSync(new URL(`${entry}/main.ts`, folder)));
    if (!names.includes(raw)) throw new UsageError(`--${name}: "${raw}" is not one of ${names.join(", ")}`);
    return raw;
  },
};

/** The module to run, named relative to the project. */
export function programOf(name: string | undefined): string {
  return name === undefined ? "main.ts" : `examples/${name}/main.ts`;
}
