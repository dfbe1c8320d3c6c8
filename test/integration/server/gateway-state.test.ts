import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startGateway } from "./gateway-fixture.js";

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "xsthing-server-"));
});

afterEach(() => {
  rmSync(state, { recursive: true });
});

test("sub-devices and their relations are remembered, their sessions are not", async () => {
  const first = await startGateway({ state });
  await first.tell("v1/gateway/connect", { device: "A", type: "sensor" });
  await first.tell("v1/gateway/attributes", { A: { a: 1 } });
  const device = await first.rest.call("GET", `/device/${await first.idOf("A")}`);
  const path = `/relations?fromId=${first.gatewayId}&fromType=DEVICE`;
  const relations = await first.rest.call("GET", path);
  await first.server.close();
  // Read first as it was written, then from the short form of the log.
  for (const _ of [1, 2]) {
    const { gateway, rest, share, server } = await startGateway({ state });
    expect(await rest.call("GET", `/device/${device.id.id}`)).toEqual(device);
    expect(await rest.call("GET", path)).toEqual(relations);
    expect(await rest.attributes(device.id.id, "CLIENT_SCOPE")).toEqual({ a: 1 });
    await share("A", { b: 1 });
    expect(await gateway.settle()).toEqual([]);
    await server.close();
  }
});
