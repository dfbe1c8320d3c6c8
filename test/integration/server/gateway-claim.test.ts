import { expect, test } from "@jest/globals";
import { demoCustomerLogin } from "../../../server/server.js";
import { type GatewayFixture, startGateway } from "./gateway-fixture.js";
import { RestClient } from "./rest-client.js";

const topic = "v1/gateway/claim";

async function claim({ server }: GatewayFixture, name: string, secretKey?: string): Promise<unknown> {
  const customer = await RestClient.login(server.httpPort, demoCustomerLogin);
  const response = await customer.fetch("POST", `/customer/device/${encodeURIComponent(name)}/claim`, { secretKey });
  const json = (await response.json()) as string | { response: string };
  return typeof json === "string" ? json : json.response;
}

test("v1/gateway/claim of several devices, each with its secret and its time, or without", async () => {
  const fixture = await startGateway();
  const { gateway, tell } = fixture;
  await tell(topic, {
    "Device A": { secretKey: "value_A", durationMs: 60_000 },
    "Device B": { secretKey: "value_B", durationMs: 1 },
    "Device C": {},
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await claim(fixture, "Device A", "value_A")).toBe("SUCCESS");
  expect(await claim(fixture, "Device B", "value_B")).toBe("FAILURE");
  expect(await claim(fixture, "Device C")).toBe("SUCCESS");
  expect(await gateway.settle()).toEqual([]);
});

test("a second message does not change the secret", async () => {
  const fixture = await startGateway();
  await fixture.tell(topic, { A: { secretKey: "first" } });
  await fixture.tell(topic, { A: { secretKey: "second" } });
  expect(await claim(fixture, "A", "first")).toBe("SUCCESS");
});

test("refused offers are acknowledged", async () => {
  const fixture = await startGateway({ allowClaimingByDefault: false });
  await fixture.tell(topic, { A: {} });
  expect(await claim(fixture, "A")).toBe("FAILURE");
});
