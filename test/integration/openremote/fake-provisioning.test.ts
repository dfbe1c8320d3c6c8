// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { type Authority, makeAuthority } from "../../fakes/certificates.js";
import type { OpenRemote } from "../../fakes/openremote/open-remote.js";
import type { OpenRemoteOptions } from "../../fakes/openremote/options.js";
import type { ProvisioningConfig } from "../../fakes/openremote/provisioning-config.js";
import type { RawClient } from "../server/raw-client.js";
import { anonymous, clientId, type ManagerFixture, messages, startManager } from "./manager-fixture.js";

const day = 86_400_000;

const template = JSON.stringify({
  type: "ThingAsset",
  name: "Device %UNIQUE_ID%",
  attributes: {
    serialNumber: { type: "text", value: "%UNIQUE_ID%" },
    level: { type: "number", meta: { accessRestrictedRead: true, accessRestrictedWrite: true } },
    connected: { type: "boolean", meta: { userConnected: "PS-device1" } },
  },
});

interface ProvisioningFixture extends ManagerFixture {
  readonly authority: Authority;
  readonly config: ProvisioningConfig;
  /** A nameless connection that subscribed to the response. */
  subscribe(more?: object, uniqueId?: string): Promise<RawClient>;
}

async function startProvisioning(
  more: Partial<ProvisioningConfig> = {},
  options: OpenRemoteOptions = {},
): Promise<ProvisioningFixture> {
  const fixture = await startManager(options);
  const authority = makeAuthority("Devices");
  fixture.manager.addRealm("building");
  const given = { realm: "building", authority: authority.certificate, assetTemplate: template };
  const config = fixture.manager.addProvisioning({ ...given, ...more });
  const subscribe = async (connect = {}, uniqueId = "device1"): Promise<RawClient> => {
    const client = await fixture.connect({
      ...anonymous(),
      username: undefined,
      password: undefined,
      ...connect,
    } as object);
    expect(await client.subscribe([`provisioning/${uniqueId}/response`])).toEqual([1]);
    return client;
  };
  return { ...fixture, authority, config, subscribe };
}

interface Answer {
  readonly type: string;
  readonly error?: string;
  readonly realm?: string;
  readonly asset?: { id: string; realm: string; attributes: Record<string, { value: unknown }> };
}

async function ask(client: RawClient, message: object | string, uniqueId = "device1"): Promise<Answer> {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  client.publish(`provisioning/${uniqueId}/request`, text, 0);
  return JSON.parse((await client.nextPublish()).payload);
}

function request(authority: Authority, more: object = {}): object {
  return { type: "x509", cert: authority.issue({ commonName: "device1", ...more }).certificate };
}

function assetIdOf({ asset }: Answer): string {
  return asset?.id ?? "";
}

async function provision({ subscribe, authority }: ProvisioningFixture): Promise<{ client: RawClient; id: string }> {
  const client = await subscribe();
  return { client, id: assetIdOf(await ask(client, request(authority))) };
}

function tell(manager: OpenRemote, id: string): unknown {
  return manager.valueOf(id, "connected");
}

test("P1: somebody nameless subscribes to a response, and to no other topic", async () => {
  const { subscribe } = await startProvisioning();
  const client = await subscribe();
  expect(await client.subscribe(["provisioning/+/response", "provisioning/a/b/response", "#"])).toEqual([
    0x80, 0x80, 0x80,
  ]);
});

test("P2: a response has one subscriber as long as that is connected", async () => {
  const { subscribe, connect, authority, manager } = await startProvisioning();
  const first = await subscribe();
  const second = await connect({ clientId: "second" });
  expect(await second.subscribe(["provisioning/device1/response"])).toEqual([0x80]);
  expect(await ask(first, request(authority))).toMatchObject({ type: "success" });
  first.destroy();
  await manager.until(() => manager.clients.length === 1);
  expect(await second.subscribe(["provisioning/device1/response"])).toEqual([1]);
});

test("P3: a certificate gets its device an asset, and the connection a user", async () => {
  const { subscribe, authority, manager } = await startProvisioning();
  const client = await subscribe();
  const answer = await ask(client, request(authority));
  expect(answer).toMatchObject({
    type: "success",
    realm: "building",
    asset: { name: "Device device1", realm: "building", attributes: { serialNumber: { value: "device1" } } },
  });
  expect(manager.clients[0]?.user?.username).toBe("ps-device1");
});

test("P4: after a broken link the same asset is there, with its values", async () => {
  const fixture = await startProvisioning();
  const { client, id } = await provision(fixture);
  fixture.manager.write(id, "level", 7);
  client.destroy();
  await fixture.manager.until(() => fixture.manager.clients.length === 0);
  const again = await fixture.subscribe();
  const { asset } = await ask(again, request(fixture.authority));
  expect(asset).toMatchObject({ id, attributes: { level: { value: 7 } } });
});

test("P5: an attribute tells whether its user is connected, however the user is spelt", async () => {
  const fixture = await startProvisioning();
  const { client, id } = await provision(fixture);
  expect(tell(fixture.manager, id)).toBe(true);
  client.destroy();
  await fixture.manager.until(() => tell(fixture.manager, id) === false);
});

test("P6: the device writes to its asset and hears of it, and not of others", async () => {
  const fixture = await startProvisioning({ isRestricted: true });
  const { client, id } = await provision(fixture);
  const other = fixture.manager.addAsset({ realm: "building", attributes: { level: { type: "number" } } });
  const filters = [`attribute/+/${other}`, "attributevalue/+/#"].map((tail) => `building/${clientId}/${tail}`);
  expect(await client.subscribe(filters)).toEqual([0x80, 1]);
  client.publish(`building/${clientId}/writeattributevalue/level/${id}`, "99");
  fixture.manager.write(other, "level", 1);
  expect(await messages(client)).toEqual([{ topic: `building/${clientId}/attributevalue/level/${id}`, payload: "99" }]);
  expect(fixture.manager.valueOf(id, "level")).toBe(99);
});

test("P7: who comes back is nameless again, and its session is gone", async () => {
  const fixture = await startProvisioning();
  const client = await fixture.subscribe({ clean: false });
  const id = assetIdOf(await ask(client, request(fixture.authority)));
  const filter = `building/${clientId}/attribute/+/${id}`;
  expect(await client.subscribe([filter])).toEqual([1]);
  client.destroy();
  await fixture.manager.until(() => fixture.manager.clients.length === 0);
  const again = await fixture.open();
  again.send(anonymous({ clean: false }));
  expect(await again.next("connack")).toMatchObject({ returnCode: 0, sessionPresent: false });
  expect(await again.subscribe([filter, "provisioning/device1/response"])).toEqual([0x80, 1]);
  await ask(again, request(fixture.authority));
  expect(await again.subscribe([filter])).toEqual([1]);
});

test("P8: a certificate out of its time is not good, unless its time does not count", async () => {
  const { subscribe, authority, manager } = await startProvisioning();
  const client = await subscribe();
  const expired = { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) };
  expect(await ask(client, request(authority, expired))).toEqual({ type: "error", error: "UNAUTHORIZED" });
  const early = { notBefore: new Date(Date.now() + day), notAfter: new Date(Date.now() + 2 * day) };
  expect(await ask(client, request(authority, early))).toMatchObject({ error: "UNAUTHORIZED" });
  manager.addProvisioning({ realm: "building", authority: authority.certificate, ignoresExpiry: true });
  expect(await ask(client, request(authority, expired))).toEqual({ type: "success", realm: "building" });
});

test("P9: a certificate of another authority, or of one between, is not good", async () => {
  const { subscribe, authority } = await startProvisioning();
  const client = await subscribe();
  const between = authority.issueAuthority("Between");
  const { cert } = request(between) as { cert: string };
  for (const message of [
    request(makeAuthority("Devices")),
    request(makeAuthority("Others")),
    { type: "x509", cert: cert + between.certificate },
  ]) {
    expect(await ask(client, message)).toEqual({ type: "error", error: "UNAUTHORIZED" });
  }
});

test("P10: an authority may be out of its time", async () => {
  const { subscribe, manager } = await startProvisioning();
  const authority = makeAuthority("Old", {
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() - day),
  });
  manager.addProvisioning({ realm: "building", authority: authority.certificate, assetTemplate: template });
  expect(await ask(await subscribe(), request(authority))).toMatchObject({ type: "success" });
});

test("P11: a configuration that is disabled lets nobody in, and kicks out who was", async () => {
  const fixture = await startProvisioning();
  const { client } = await provision(fixture);
  fixture.manager.disableProvisioning(fixture.config);
  await client.closed();
  const again = await fixture.subscribe();
  expect(await ask(again, request(fixture.authority))).toEqual({ type: "error", error: "CONFIG_DISABLED" });
  fixture.manager.disableProvisioning(fixture.config, false);
  expect(await ask(again, request(fixture.authority))).toMatchObject({ type: "success" });
});

test("P12: a user that is disabled is not let in, and is kicked out", async () => {
  const fixture = await startProvisioning();
  const { client } = await provision(fixture);
  const user = fixture.manager.user("building", "ps-device1");
  if (!user) throw new Error("no user");
  fixture.manager.editUser(user, { isEnabled: false });
  await client.closed();
  const again = await fixture.subscribe();
  expect(await ask(again, request(fixture.authority))).toEqual({ type: "error", error: "USER_DISABLED" });
  fixture.manager.editUser(user, { isEnabled: true });
  expect(await ask(again, request(fixture.authority))).toMatchObject({ type: "success" });
});

test.each([
  ["no JSON", "x", "MESSAGE_INVALID"],
  ["an unknown type", { type: "hmac-sha256" }, "MESSAGE_INVALID"],
  ["no certificate", { type: "x509" }, "CERTIFICATE_INVALID"],
  ["an empty certificate", { type: "x509", cert: "" }, "CERTIFICATE_INVALID"],
  ["nonsense for a certificate", { type: "x509", cert: "x" }, "CERTIFICATE_INVALID"],
])("a request with %s is answered by an error", async (_, message, error) => {
  const { subscribe } = await startProvisioning();
  expect(await ask(await subscribe(), message)).toEqual({ type: "error", error });
});

test("the errors come in the order of the checks", async () => {
  const { subscribe, authority, manager, config } = await startProvisioning({ assetTemplate: "{}" });
  const client = await subscribe({}, "device2");
  manager.disableProvisioning(config);
  const wrong = request(authority);
  expect(await ask(client, wrong, "device2")).toMatchObject({ error: "CONFIG_DISABLED" });
  manager.disableProvisioning(config, false);
  expect(await ask(client, wrong, "device2")).toMatchObject({ error: "UNIQUE_ID_MISMATCH" });
  expect(await ask(client, request(authority, { commonName: "device2" }), "device2")).toMatchObject({
    error: "SERVER_ERROR",
  });
});

test("a message that is no request is not answered", async () => {
  const { subscribe } = await startProvisioning();
  const client = await subscribe();
  client.publish("provisioning/device1/request", '{"type":"success"}');
  await client.next("puback");
  expect(await client.settle()).toEqual([]);
});

test("what is left of a device in another realm is an error", async () => {
  const fixture = await startProvisioning();
  const { client, id } = await provision(fixture);
  fixture.manager.deleteAsset(id);
  fixture.manager.addAsset({ realm: "master", id });
  expect(await ask(client, request(fixture.authority))).toEqual({ type: "error", error: "ASSET_ERROR" });
});

test("a restricted device is disconnected soon after its asset was made, as links of its user changed", async () => {
  const fixture = await startProvisioning({ isRestricted: true }, { linkChangeDelay: 1000 });
  const { client, id } = await provision(fixture);
  const filter = `building/${clientId}/attribute/+/${id}`;
  expect(await client.subscribe([filter])).toEqual([1]);
  await client.closed();
  const again = await fixture.subscribe();
  await ask(again, request(fixture.authority));
  expect(await again.subscribe([filter])).toEqual([1]);
});
