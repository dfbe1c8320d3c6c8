// SPDX-License-Identifier: Apache-2.0

import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { type Authority, type Identity, makeAuthority } from "../../fakes/certificates.js";
import type { ProvisioningConfigSpec } from "../../fakes/openremote/provisioning-config.js";
import { pause, until } from "../until.js";
import { boot, isLive, logged } from "./device-fixture.js";
import { anonymous, startManager } from "./manager-fixture.js";

jest.setTimeout(40_000);

const assetTemplate = JSON.stringify({
  type: "ThingAsset",
  name: "Device %UNIQUE_ID%",
  attributes: {
    serialNumber: { type: "text", value: "%UNIQUE_ID%" },
    level: { type: "number", value: 3 },
    command: { type: "JSONObject", value: { id: 1, method: "stale" } },
    result: { type: "JSONObject" },
    connected: { type: "boolean", meta: { userConnected: "PS-device1" } },
  },
});

let authority: Authority;
let certificate: string;

beforeAll(() => {
  authority = makeAuthority("fleet");
  ({ certificate } = authority.issue({ commonName: "device1" }));
});

interface World {
  readonly config?: Partial<ProvisioningConfigSpec>;
  readonly uniqueId?: string;
  readonly pem?: string;
  readonly haste?: number;
  readonly session?: object;
  readonly tls?: Identity;
  readonly ca?: string;
}

async function world({
  config = {},
  uniqueId = "device1",
  pem = certificate,
  haste = 1,
  session,
  tls,
  ca,
}: World = {}) {
  const fixture = await startManager(tls ? { tls } : {});
  const { manager } = fixture;
  manager.addRealm("building");
  const provisioning = manager.addProvisioning({
    ...{ realm: "building", authority: authority.certificate, assetTemplate },
    ...config,
  });
  const openremote = {
    provisioning: { uniqueId, certificate: pem, clientId: "thing" },
    rpc: { command: "command", result: "result" },
  };
  const here = boot({
    manager,
    openremote,
    haste,
    config: { ...(session && { session }), ...(ca && { server: secureServer(manager.tlsPort, ca) }) },
  });
  return { ...fixture, provisioning, here };
}

function secureServer(port: number, ca: string) {
  return { platform: "openremote", host: "127.0.0.1", port, tls: { ca } } as const;
}

function assetOf(manager: Awaited<ReturnType<typeof world>>["manager"]): string {
  const [asset] = manager.assets("building");
  return String(asset?.id);
}

describe("a device with a certificate of the fleet", () => {
  test("is given its asset over the same connection, writes to it and hears of it", async () => {
    const { manager, here } = await world();
    const heard: (Json | undefined)[] = [];
    here.device.attributes.declareShared("level", "number", (value) => heard.push(value));
    here.device.start();
    await until("it is live", () => isLive(here));
    const asset = assetOf(manager);
    expect(manager.valueOf(asset, "serialNumber")).toBe("device1");
    // What the asset holds is in the answer.
    expect(heard).toEqual([3]);
    expect(manager.clients).toHaveLength(1);
    manager.write(asset, "level", 8);
    await until("it has heard", () => heard.length === 2);
    here.device.telemetry.record("level", 99);
    await until("its datum is stored", () => manager.valueOf(asset, "level") === 99);
    expect(heard).toEqual([3, 8]);
    expect(manager.denied).toEqual([]);
  });

  test("is provisioned again on each connection, and learns what it has missed", async () => {
    const { manager, here } = await world();
    const heard: (Json | undefined)[] = [];
    here.device.attributes.onShared("level", (value) => heard.push(value));
    const run: string[] = [];
    here.device.rpc.handle("stale", {}, () => run.push("stale"));
    here.device.start();
    await until("it is live", () => isLive(here));
    const asset = assetOf(manager);
    manager.drop("thing");
    manager.write(asset, "level", 5);
    await until("it is back", () => isLive(here, 2));
    expect(heard).toEqual([3, 5]);
    manager.write(asset, "level", 6);
    await until("it hears", () => heard.length === 3);
    await pause(30);
    expect(heard).toEqual([3, 5, 6]);
    expect(manager.assets("building")).toHaveLength(1);
    expect(logged(here, "provisioning.succeeded")).toHaveLength(2);
    // A call from before is not made.
    expect(run).toEqual([]);
    expect(manager.denied).toEqual([]);
  });

  test("learns that the manager knows it to be connected, which knows when it has left, too", async () => {
    const { manager, here } = await world();
    const heard: (Json | undefined)[] = [];
    here.device.attributes.declareShared("connected", "boolean", (value) => heard.push(value));
    here.device.start();
    await until("it has heard", () => heard.includes(true));
    here.device.stop();
    await until("the manager knows", () => manager.valueOf(assetOf(manager), "connected") === false);
  });

  test("is let in although the authority's own certificate has expired", async () => {
    const old = makeAuthority("old", past);
    const pem = old.issue({ commonName: "device1" }).certificate;
    const { here } = await world({ pem, config: { authority: old.certificate } });
    here.device.start();
    await until("it is live", () => isLive(here));
  });

  test("does so over TLS", async () => {
    const shop = makeAuthority("shop");
    const identity = shop.issue({ commonName: "manager", hosts: ["127.0.0.1"] });
    const { manager, here } = await world({ tls: identity, ca: shop.certificate });
    here.device.start();
    await until("it is live", () => isLive(here));
    here.device.telemetry.record("level", 9);
    await until("its datum is stored", () => manager.valueOf(assetOf(manager), "level") === 9);
  });

  test("comes back when the connection before still has the response for itself", async () => {
    const { manager, here, connect } = await world({ haste: 20 });
    const other = await connect({
      ...anonymous({ clientId: "eavesdropper" }),
      username: undefined,
      password: undefined,
    } as never);
    other.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "provisioning/device1/response", qos: 0 }] });
    await other.next("suback");
    here.device.start();
    await until("it is turned away", () => logged(here, "session.disconnected").length > 0);
    expect(logged(here, "session.disconnected")[0]).toMatchObject({ reason: "provisioning-busy" });
    other.destroy();
    await until("it is let in", () => isLive(here));
    expect(manager.assets("building")).toHaveLength(1);
  });
});

const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };

describe("a device is not let in", () => {
  const strangers = makeAuthority("strangers");
  const forgers = makeAuthority("fleet");

  test.each<[string, () => World, string, string]>([
    [
      "with an expired certificate",
      () => ({ pem: authority.issue({ commonName: "device1", ...past }).certificate }),
      ...(["UNAUTHORIZED", "provisioning-refused"] as const),
    ],
    [
      "with a certificate of somebody else's fleet",
      () => ({ pem: strangers.issue({ commonName: "device1" }).certificate }),
      ...(["UNAUTHORIZED", "provisioning-refused"] as const),
    ],
    [
      "with a certificate whose authority has only the name of the fleet's",
      () => ({ pem: forgers.issue({ commonName: "device1" }).certificate }),
      ...(["UNAUTHORIZED", "provisioning-refused"] as const),
    ],
    [
      "with another device's certificate",
      () => ({ uniqueId: "device2" }),
      "UNIQUE_ID_MISMATCH",
      "provisioning-invalid",
    ],
    ["with no certificate", () => ({ pem: "nonsense" }), "CERTIFICATE_INVALID", "provisioning-invalid"],
    [
      "while the realm makes no asset",
      () => ({ config: { assetTemplate: undefined as never } }),
      "success, but",
      "provisioning-refused",
    ],
    [
      "while the realm's template is none",
      () => ({ config: { assetTemplate: "{}" } }),
      "SERVER_ERROR",
      "provisioning-failed",
    ],
  ])("%s", async (_, more, word, reason) => {
    const { manager, here } = await world(more());
    here.device.start();
    await until("it is refused", () => logged(here, "session.disconnected").length > 0);
    expect(logged(here, "session.disconnected")[0]).toMatchObject({ reason });
    expect(logged(here, "provisioning.failed")[0]?.detail).toContain(word);
    expect(isLive(here)).toBe(false);
    const wait = Number(logged(here, "session.waiting")[1]?.detail.split(" ")[3]);
    const least =
      { "provisioning-invalid": 60_000, "provisioning-refused": 3_000, "provisioning-failed": 100 }[reason] ?? 0;
    expect(wait).toBeGreaterThanOrEqual(least);
    expect(manager.denied).toEqual([]);
  });

  test("while its configuration is disabled, and is when that is over", async () => {
    const { manager, here, provisioning } = await world({ haste: 20 });
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.disableProvisioning(provisioning);
    await until("it is refused", () => logged(here, "provisioning.failed").length > 0);
    expect(logged(here, "provisioning.failed")[0]).toMatchObject({
      detail: "CONFIG_DISABLED",
      reason: "provisioning-refused",
    });
    manager.disableProvisioning(provisioning, false);
    await until("it is back", () => isLive(here, 2));
  });

  test("while its user is disabled, and is when that is over", async () => {
    const { manager, here } = await world({ haste: 20 });
    here.device.start();
    await until("it is live", () => isLive(here));
    const user = manager.user("building", "ps-device1");
    if (user === undefined) throw new Error("no user");
    manager.editUser(user, { isEnabled: false });
    await until("it is refused", () => logged(here, "provisioning.failed").length > 0);
    expect(logged(here, "provisioning.failed")[0]).toMatchObject({ detail: "USER_DISABLED" });
    manager.editUser(user, { isEnabled: true });
    await until("it is back", () => isLive(here, 2));
  });

  test("where the answer does not fit, which is told by name", async () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`attribute${index}`, { type: "text" }]),
    );
    const template = JSON.stringify({ type: "ThingAsset", name: "n", attributes });
    const session = { receiveBuffer: 512, transmitBuffer: 8_192 };
    const { here } = await world({ config: { assetTemplate: template }, session });
    here.device.start();
    await until("it has failed", () => logged(here, "session.disconnected").length > 0);
    expect(logged(here, "session.disconnected")[0]).toMatchObject({ reason: "payload-too-large" });
  });
});

test("a certificate that the transmit buffer cannot hold is refused at the configuration", async () => {
  await expect(world({ session: { transmitBuffer: 512 } })).rejects.toThrow("transmitBuffer");
});

test("calls are made by attributes, each once, and answered by one", async () => {
  const { manager, here } = await world();
  const sums: number[] = [];
  here.device.rpc.handle("add", { a: "number", b: "number" }, ({ a, b }) => {
    sums.push(a + b);
    return { sum: a + b };
  });
  here.device.start();
  await until("it is live", () => isLive(here));
  const asset = assetOf(manager);
  const call = async (command: object, expected: object) => {
    manager.write(asset, "command", command);
    await until("it is answered", () => JSON.stringify(manager.valueOf(asset, "result")) === JSON.stringify(expected));
  };
  await call({ id: 1, method: "add", params: { a: 1, b: 2 } }, { id: 1, result: { sum: 3 } });
  await call({ id: 2, method: "add", params: { a: 1, b: 2 } }, { id: 2, result: { sum: 3 } });
  await call({ id: 3, method: "nothing" }, { id: 3, error: { code: "unknown-method", message: "nothing" } });
  manager.write(asset, "command", { id: 2, method: "add", params: { a: 1, b: 2 } });
  manager.write(asset, "command", null);
  manager.write(asset, "command", { method: "add" });
  await pause(50);
  expect(sums).toEqual([3, 3]);
  expect(manager.denied).toEqual([]);
});
