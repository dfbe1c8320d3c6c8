import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { demoCustomerLogin, demoDevice, startServer } from "../../../server/server.js";
import { startFixture } from "./fixture.js";
import { profileBody } from "./profile.js";
import { RawClient } from "./raw-client.js";
import { RestClient } from "./rest-client.js";
import { killProcesses, startProcess } from "./server-process.js";

// Starting a process takes a loaded machine seconds.
jest.setTimeout(20_000);

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "xsthing-server-"));
});

afterEach(async () => {
  await killProcesses();
  rmSync(state, { recursive: true });
});

const journal = (): string => join(state, "journal.jsonl");

/** The log is rewritten at a start, so that what comes after it is read from the short form. */
async function compact(): Promise<void> {
  await (await startServer({ mqttPort: 0, httpPort: 0, state })).close();
}

test("kill -9: everything acknowledged is there after the restart", async () => {
  const first = await startProcess(state);
  const rest = await RestClient.login(first.httpPort);
  const deviceId = await rest.createDevice("Survivor", "survivor");
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/SHARED_SCOPE`, '{"period":5,"ratio":42.0}');
  const { rpcId } = await rest.call("POST", `/rpc/twoway/${deviceId}`, { method: "a", persistent: true });
  const client = await RawClient.login(first.mqttPort, "survivor");
  client.publish("v2/a", '{"model":"A1"}');
  for (let ts = 0; ts < 50; ts++) client.publish("v2/t", `{"ts":${ts},"values":{"a":${ts},"big":9223372036854775807}}`);
  for (let count = 0; count < 51; count++) await client.next("puback");
  await first.process.kill("SIGKILL");

  const second = await startProcess(state);
  const restAgain = await RestClient.login(second.httpPort);
  const again = await RawClient.login(second.mqttPort, "survivor");
  again.publish("v2/t", '{"ts":50,"values":{"a":50}}');
  await again.next("puback");
  const path = `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries`;
  const { a } = await restAgain.call("GET", `${path}?keys=a&startTs=0&endTs=99&orderBy=ASC&useStrictDataTypes=true`);
  expect(a).toEqual(Array.from({ length: 51 }, (_, ts) => ({ ts, value: ts })));
  expect((await restAgain.call("GET", `${path}?keys=big`)).big[0].value).toBe("9223372036854775807");
  expect(await restAgain.attributes(deviceId, "SHARED_SCOPE")).toEqual({ period: 5, ratio: 42 });
  expect(await restAgain.attributes(deviceId, "CLIENT_SCOPE")).toEqual({ model: "A1" });
  const { lastConnectTime, lastDisconnectTime } = await restAgain.attributes(deviceId, "SERVER_SCOPE");
  expect(lastConnectTime).toBeGreaterThanOrEqual(Number(lastDisconnectTime));
  expect(await restAgain.call("GET", `/rpc/persistent/${rpcId}`)).toMatchObject({ status: "QUEUED" });
  await again.subscribe(["v1/devices/me/rpc/request/+"]);
  expect((await again.nextPublish()).topic).toBe("v1/devices/me/rpc/request/0");
  again.destroy();
});

test("kill -9: a device that was provisioned connects with what it was given", async () => {
  const first = await startProcess(state);
  const rest = await RestClient.login(first.httpPort);
  await rest.call("POST", "/deviceProfile", profileBody());
  const asking = await RawClient.login(first.mqttPort, "provision");
  const request = { provisionDeviceKey: "key", provisionDeviceSecret: "secret", deviceName: "New" };
  asking.publish("/provision/request", JSON.stringify(request));
  const { credentialsValue } = JSON.parse((await asking.nextPublish()).payload);
  await first.process.kill("SIGKILL");
  asking.destroy();

  const second = await startProcess(state);
  const client = await RawClient.login(second.mqttPort, credentialsValue);
  await client.settle();
  client.destroy();
  const askingAgain = await RawClient.login(second.mqttPort, "provision");
  askingAgain.publish("/provision/request", JSON.stringify(request));
  expect(JSON.parse((await askingAgain.nextPublish()).payload)).toMatchObject({ status: "FAILURE" });
  askingAgain.destroy();
});

test("a session that a kill cut off counts as ended after the restart", async () => {
  const first = await startProcess(state);
  const client = await RawClient.login(first.mqttPort, "xsthing-demo");
  await first.process.kill("SIGKILL");
  client.destroy();
  const { rest, deviceId } = await startFixture({ state });
  const { lastConnectTime, lastDisconnectTime } = await rest.attributes(deviceId, "SERVER_SCOPE");
  expect(lastDisconnectTime).toBeGreaterThan(Number(lastConnectTime));
});

test("deletions are remembered, and the demo device does not come back", async () => {
  const server = await startServer({ mqttPort: 0, httpPort: 0, state });
  const rest = await RestClient.login(server.httpPort);
  const otherId = await rest.createDevice("Other", "other");
  const path = `/plugins/telemetry/DEVICE/${otherId}/SHARED_SCOPE`;
  await rest.call("POST", path, { a: 1, b: 2 });
  await rest.call("DELETE", `${path}?keys=a`);
  await rest.call("DELETE", `/device/${await rest.demoDeviceId()}`);
  await server.close();
  const again = await startServer({ mqttPort: 0, httpPort: 0, state });
  const restAgain = await RestClient.login(again.httpPort);
  expect(await restAgain.attributes(otherId, "SHARED_SCOPE")).toEqual({ b: 2 });
  expect((await restAgain.call("GET", "/tenant/devices?pageSize=9&page=0&textSearch=device")).totalElements).toBe(0);
  await again.close();
});

test("device profiles and credentials of all kinds are remembered", async () => {
  const first = await startFixture({ state });
  const profile = await first.rest.call("POST", "/deviceProfile", profileBody());
  const doomed = await first.rest.call("POST", "/deviceProfile", {
    ...profile,
    id: null,
    name: "doomed",
    provisionDeviceKey: null,
  });
  await first.rest.call("DELETE", `/deviceProfile/${doomed.id.id}`);
  const device = await first.rest.call("POST", "/device-with-credentials", {
    device: { name: "A", deviceProfileId: profile.id, additionalInfo: { gateway: true } },
    credentials: { credentialsType: "X509_CERTIFICATE", credentialsValue: "abc" },
  });
  const credentials = await first.rest.call("GET", `/device/${device.id.id}/credentials`);
  await first.server.close();
  await compact();
  const { rest } = await startFixture({ state });
  const profiles = await rest.call("GET", "/deviceProfiles?pageSize=9&page=0");
  expect(profiles.data).toEqual([expect.objectContaining({ name: "default", default: true }), profile]);
  expect(await rest.call("GET", `/device/${device.id.id}`)).toEqual(device);
  expect(await rest.call("GET", `/device/${device.id.id}/credentials`)).toEqual(credentials);
});

test("what a device said for its claim, and whose it is, is remembered", async () => {
  const first = await startFixture({ state });
  await first.rest.createDevice("Free", "free");
  for (const token of [demoDevice.token, "free"]) {
    const client = await first.login(token);
    client.publish("v1/devices/me/claim", '{"secretKey":"s"}');
    await client.next("puback");
  }
  const path = (name: string): string => `/customer/device/${encodeURIComponent(name)}/claim`;
  const customer = await RestClient.login(first.server.httpPort, demoCustomerLogin);
  const { device } = await customer.call("POST", path(demoDevice.name), { secretKey: "s" });
  await first.server.close();
  await compact();
  const { rest, server, deviceId } = await startFixture({ state });
  expect((await rest.call("GET", `/device/${deviceId}`)).customerId).toEqual(device.customerId);
  const customerAgain = await RestClient.login(server.httpPort, demoCustomerLogin);
  expect(await customerAgain.call("POST", path("Free"), { secretKey: "s" })).toMatchObject({ response: "SUCCESS" });
});

test("devices of a state from before there were profiles get the profile of their type", async () => {
  const device = {
    id: "1f0c3c2e-0000-4000-8000-000000000001",
    createdTime: 1,
    name: demoDevice.name,
    type: "probe",
    label: null,
  };
  writeFileSync(journal(), `${JSON.stringify({ op: "device", device })}\n`);
  for (const _ of [1, 2]) {
    const { rest, server, deviceId } = await startFixture({ state });
    const old = await rest.call("GET", `/device/${deviceId}`);
    expect(old).toMatchObject({ type: "probe", additionalInfo: null });
    expect(await rest.call("GET", `/deviceProfile/${old.deviceProfileId.id}`)).toMatchObject({ name: "probe" });
    await server.close();
  }
});

test("a torn last line is ignored, and what follows is kept", async () => {
  await (await startServer({ mqttPort: 0, httpPort: 0, state })).close();
  appendFileSync(journal(), '{"op":"points","deviceId":"');
  const server = await startServer({ mqttPort: 0, httpPort: 0, state });
  const rest = await RestClient.login(server.httpPort);
  const deviceId = await rest.demoDeviceId();
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/timeseries/ANY`, { a: 1 });
  await server.close();
  const again = await startFixture({ state });
  expect(await again.rest.latest(deviceId, "a")).toEqual({ a: 1 });
});

test("damage before the last line is named, not passed over", async () => {
  await (await startServer({ mqttPort: 0, httpPort: 0, state })).close();
  writeFileSync(journal(), `{"op":\n${readFileSync(journal(), "utf8")}`);
  await expect(startServer({ mqttPort: 0, httpPort: 0, state })).rejects.toThrow("journal.jsonl:1 is damaged");
});

test("history is bounded: of 20,010 samples the oldest 10 are gone, and the log is compacted at the start", async () => {
  const first = await startFixture({ state });
  const path = `/plugins/telemetry/DEVICE/${first.deviceId}`;
  for (let start = 0; start < 20_010; start += 2001) {
    const groups = Array.from({ length: 2001 }, (_, index) => ({ ts: start + index, values: { a: start + index } }));
    await first.rest.call("POST", `${path}/timeseries/ANY`, groups);
  }
  const query = "keys=a&startTs=0&endTs=99999&limit=99999&orderBy=ASC";
  const { a } = await first.rest.call("GET", `${path}/values/timeseries?${query}`);
  expect([a.length, a[0].ts, a.at(-1).ts]).toEqual([20_000, 10, 20_009]);
  const lines = (): number => readFileSync(journal(), "utf8").split("\n").length;
  expect(lines()).toBeGreaterThan(20_010);
  await first.server.close();
  const second = await startFixture({ state });
  expect(lines()).toBeLessThan(50);
  expect((await second.rest.call("GET", `${path}/values/timeseries?${query}`)).a).toEqual(a);
});
