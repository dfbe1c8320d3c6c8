// SPDX-License-Identifier: Apache-2.0

import { expect, jest, test } from "@jest/globals";
import application from "../../../application/application.js";
import { makeAuthority } from "../../fakes/certificates.js";
import { addDemo } from "../../fakes/openremote/demo.js";
import { pause, until } from "../until.js";
import { boot, isLive } from "./device-fixture.js";
import { startManager } from "./manager-fixture.js";

jest.setTimeout(20_000);

async function demo() {
  const { manager } = await startManager();
  addDemo(manager, makeAuthority("demo").certificate);
  const assetId = manager.assets("master").find(({ name }) => name === "thing")?.id ?? "";
  const openremote = { realm: "master", assetId, reports: ["uptime"] };
  return { manager, assetId, openremote };
}

test("the default application runs where the server has no way to call it", async () => {
  const { manager, assetId, openremote } = await demo();
  const here = boot({ manager, openremote });
  here.device.start(application);
  await until("it samples", () => manager.history(assetId, "uptime").length > 0);
  expect(here.device.rpc.isCallable).toBe(false);
  expect(manager.denied).toEqual([]);
});

test("it does not write over a period that was set before it came", async () => {
  const { manager, assetId, openremote } = await demo();
  manager.write(assetId, "period", 700);
  const here = boot({ manager, openremote: { ...openremote, gatewayApi: true } });
  here.device.start(application);
  await until("it is live", () => isLive(here));
  await until("it has heard", () => manager.valueOf(assetId, "periodInUse") === 700);
  await pause(50);
  expect(manager.valueOf(assetId, "period")).toBe(700);
});
