// SPDX-License-Identifier: Apache-2.0

import type { EngineName } from "../../hosts/desktop/supervisor.js";
import type { Case } from "./case.js";
import { attributeCases } from "./cases/attributes.js";
import { claimingCases } from "./cases/claiming.js";
import { credentialCases } from "./cases/credentials.js";
import { everythingCases } from "./cases/everything.js";
import { firmwareCases } from "./cases/firmware.js";
import { provisioningCases } from "./cases/provisioning.js";
import { rpcCases } from "./cases/rpc.js";
import { telemetryCases } from "./cases/telemetry.js";
import type { Platform } from "./platform.js";
import { Skipped, World } from "./world.js";

export const cases: readonly Case[] = Object.freeze([
  ...telemetryCases,
  ...attributeCases,
  ...rpcCases,
  ...claimingCases,
  ...credentialCases,
  ...firmwareCases,
  ...provisioningCases,
  ...everythingCases,
]);

export type Outcome = { readonly result: "ok" | "skipped" | "failed"; readonly why: string };

/** Runs one case; it does not throw. */
export async function runCase({ run }: Case, platform: Platform, engine: EngineName): Promise<Outcome> {
  const world = new World(platform, engine);
  try {
    await run(world);
    return { result: "ok", why: "" };
  } catch (error) {
    const { message } = error as Error;
    return { result: error instanceof Skipped ? "skipped" : "failed", why: message };
  } finally {
    await world.end();
  }
}
