import { expect, test } from "@jest/globals";
import { demoCustomerLogin, demoDevice, type ServerOptions } from "../../../server/server.js";
import { type Fixture, startFixture } from "./fixture.js";
import type { RawClient } from "./raw-client.js";
import { RestClient } from "./rest-client.js";

const claimTopic = "v1/devices/me/claim";
const claimPath = `/customer/device/${encodeURIComponent(demoDevice.name)}/claim`;
const noCustomer = "13814000-1dd2-11b2-8080-808080808080";

interface ClaimFixture extends Fixture {
  readonly client: RawClient;
  readonly customer: RestClient;
  /** Publishes a claim and waits for its PUBACK. */
  offer(payload: string): Promise<void>;
  /** Claims as the customer. @returns status and body */
  claim(body?: object, user?: RestClient): Promise<[number, unknown]>;
  /** The customer's id in the device, undefined for none. */
  owner(): Promise<string | undefined>;
}

async function claimFixture(options: ServerOptions = {}): Promise<ClaimFixture> {
  const fixture = await startFixture(options);
  const client = await fixture.login();
  const customer = await RestClient.login(fixture.server.httpPort, demoCustomerLogin);
  return {
    ...fixture,
    client,
    customer,
    offer: async (payload) => {
      const id = client.publish(claimTopic, payload);
      expect((await client.next("puback")).messageId).toBe(id);
    },
    claim: async (body, user = customer) => {
      const response = await user.fetch("POST", claimPath, body);
      return [response.status, await response.json()];
    },
    owner: async () => {
      const { customerId } = await fixture.rest.call("GET", `/device/${fixture.deviceId}`);
      return customerId.id === noCustomer ? undefined : customerId.id;
    },
  };
}

test("a customer with the secret gets the device, which is not told", async () => {
  const { client, customer, rest, offer, claim, owner } = await claimFixture();
  await offer('{"secretKey":"s","durationMs":60000}');
  const [status, body] = await claim({ secretKey: "s" });
  const { customerId } = await customer.call("GET", "/auth/user");
  expect([status, body]).toEqual([
    200,
    { response: "SUCCESS", device: expect.objectContaining({ name: demoDevice.name, customerId }) },
  ]);
  expect(await owner()).toBe(customerId.id);
  const page = await customer.call("GET", `/customer/${customerId.id}/devices?pageSize=9&page=0`);
  expect(page.data).toEqual([expect.objectContaining({ name: demoDevice.name })]);
  const infos = await rest.call("GET", "/tenant/deviceInfos?pageSize=9&page=0");
  expect(infos.data[0].customerTitle).toBe("Customer A");
  expect(await client.settle()).toEqual([]);
});

test.each([
  ["nothing", "", undefined],
  ["an empty object", "{}", {}],
  ["an empty secret", '{"secretKey":""}', { secretKey: "" }],
  ["a number for a secret", '{"secretKey":42}', { secretKey: "42" }],
  ["a duration as text", '{"durationMs":"60000"}', {}],
  ["a duration of 0, which is the server's", '{"durationMs":0}', {}],
])("a device that sends %s can be claimed", async (_, payload, body) => {
  const { offer, claim } = await claimFixture();
  await offer(payload);
  expect((await claim(body))[0]).toBe(200);
});

test.each([
  ["an array", "[]"],
  ["no JSON", "{"],
  ["a list of secrets", '{"secretKey":["a","b"]}'],
  ["null for the secret", '{"secretKey":null}'],
  ["text for the duration", '{"durationMs":"long"}'],
])("a device that sends %s is disconnected, and not claimable", async (_, payload) => {
  const { client, claim } = await claimFixture();
  client.publish(claimTopic, payload);
  expect(await client.closed()).toEqual([]);
  expect(await claim({})).toEqual([400, "FAILURE"]);
});

test("without a message of the device nobody gets it", async () => {
  const { claim, owner } = await claimFixture();
  expect(await claim({ secretKey: "s" })).toEqual([400, "FAILURE"]);
  expect(await owner()).toBeUndefined();
});

test("a wrong secret uses the message up", async () => {
  const { offer, claim } = await claimFixture();
  await offer('{"secretKey":"s"}');
  expect(await claim({ secretKey: "t" })).toEqual([400, "FAILURE"]);
  expect(await claim({ secretKey: "s" })).toEqual([400, "FAILURE"]);
  await offer('{"secretKey":"s"}');
  expect((await claim({ secretKey: "s" }))[0]).toBe(200);
});

test("the first message counts until it is used up", async () => {
  const { offer, claim, events } = await claimFixture();
  await offer('{"secretKey":"first"}');
  await offer('{"secretKey":"second"}');
  expect(events.filter(({ event }) => event === "claim.offered")).toMatchObject([
    { isAccepted: true },
    { isAccepted: false, reason: expect.stringContaining("earlier message") },
  ]);
  expect((await claim({ secretKey: "first" }))[0]).toBe(200);
});

test.each([
  ["its own", '{"durationMs":30}', {}],
  ["the server's", "{}", { claimDuration: 30 }],
])("a claim comes too late after %s duration", async (_, payload, options) => {
  const { offer, claim } = await claimFixture(options);
  await offer(payload);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await claim({})).toEqual([400, "FAILURE"]);
});

test("a device that is owned is CLAIMED to others, until it is given back", async () => {
  const { customer, offer, claim, owner, rest, events } = await claimFixture();
  await offer("{}");
  await claim({});
  expect(await claim({})).toEqual([400, "CLAIMED"]);
  await offer("{}");
  expect(events.at(-1)).toMatchObject({ event: "claim.offered", isAccepted: false });
  expect(await customer.call("DELETE", claimPath)).toBeUndefined();
  expect(await owner()).toBeUndefined();
  await offer("{}");
  expect((await claim({}))[0]).toBe(200);
  await rest.call("DELETE", claimPath);
  expect(await owner()).toBeUndefined();
});

test("where it is not allowed by default a device needs the attribute, which a claim removes and giving back sets", async () => {
  const { rest, deviceId, offer, claim, customer } = await claimFixture({ allowClaimingByDefault: false });
  await offer("{}");
  expect(await claim({})).toEqual([400, "FAILURE"]);
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/SERVER_SCOPE`, { claimingAllowed: true });
  await offer("{}");
  expect((await claim({}))[0]).toBe(200);
  expect(await rest.attributes(deviceId, "SERVER_SCOPE")).not.toHaveProperty("claimingAllowed");
  await customer.call("DELETE", claimPath);
  expect(await rest.attributes(deviceId, "SERVER_SCOPE")).toMatchObject({ claimingAllowed: true });
});

test("an operator can enter secret and end in a server attribute instead", async () => {
  const { rest, deviceId, claim } = await claimFixture();
  const claimingData = { secretKey: "entered", expirationTime: Date.now() + 60_000 };
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/SERVER_SCOPE`, { claimingData });
  expect(await claim({ secretKey: "wrong" })).toEqual([400, "FAILURE"]);
  expect((await claim({ secretKey: "entered" }))[0]).toBe(200);
  expect(await rest.attributes(deviceId, "SERVER_SCOPE")).not.toHaveProperty("claimingData");
});

test("a claim by the tenant succeeds and gives the device to nobody", async () => {
  const { rest, offer, claim, owner } = await claimFixture();
  await offer("{}");
  expect(await claim({}, rest)).toEqual([200, expect.objectContaining({ response: "SUCCESS" })]);
  expect(await owner()).toBeUndefined();
});

test("a device that does not exist is not found", async () => {
  const { customer } = await claimFixture();
  for (const method of ["POST", "DELETE"]) {
    const response = await customer.fetch(method, "/customer/device/nobody/claim", method === "POST" ? {} : undefined);
    expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ errorCode: 32 })]);
  }
});

test("a customer's user may claim, and no more", async () => {
  const { customer, deviceId } = await claimFixture();
  const response = await customer.fetch("DELETE", `/device/${deviceId}`);
  expect([response.status, await response.json()]).toEqual([403, expect.objectContaining({ errorCode: 20 })]);
});
