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

/** What there is no counterpart of in OpenRemote, by the example that is about it. */
const thingsBoardOnly: Readonly<Record<string, string>> = Object.freeze({
  claiming: "OpenRemote has no claiming",
  gateway: "OpenRemote has no sub-devices, but assets: device.assets",
  update: "OpenRemote offers no packages",
});

/** Throws `UsageError` for an example that cannot run against an OpenRemote manager. */
export function checkOpenRemoteExample(name: string, hasGatewayApi: boolean): void {
  const lack = thingsBoardOnly[name];
  if (lack !== undefined) throw new UsageError(`--example: ${name} is ThingsBoard's; ${lack}`);
  if (name === "attributes" && !hasGatewayApi)
    throw new UsageError("--example: attributes asks for values, which needs --gateway-api");
}

/** The module to run, named relative to the project. */
export function programOf(name: string | undefined): string {
  return name === undefined ? "main.ts" : `examples/${name}/main.ts`;
}
