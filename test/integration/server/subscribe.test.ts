import { expect, test } from "@jest/globals";
import { startFixture } from "./fixture.js";

const accepted = [
  "v1/devices/me/attributes",
  "v2/a",
  "v2/a/j",
  "v1/devices/me/attributes/response/+",
  "v2/a/res/+",
  "v2/a/res/j/+",
  "v1/devices/me/rpc/request/+",
  "v2/r/req/+",
  "v2/r/req/j/+",
  "v1/devices/me/rpc/response/+",
  "v2/r/res/+",
  "v2/r/res/j/+",
  "v2/fw/response/+/chunk/+",
  "v2/sw/response/+/chunk/+",
  "v2/fw/error",
  "v2/sw/error",
  "v1/gateway/attributes",
  "v1/gateway/rpc",
  "v1/gateway/attributes/response",
];

const refused = [
  "#",
  "+",
  "",
  "v1/devices/me/#",
  "v1/devices/me/+",
  "v1/devices/me/rpc/request/7",
  "v1/devices/me/rpc/request/#",
  "v2/fw/response/1/chunk/+",
  "v1/devices/me/telemetry",
  "$share/a/v1/devices/me/attributes",
  "a/#/b",
  "v1/gateway/disconnect",
  "/provision/response",
];

test("filters are compared literally, and one code per filter comes back in order", async () => {
  const client = await (await startFixture()).login();
  const filters = [...accepted, ...refused, "v2/a", "v2/a"];
  expect(await client.subscribe(filters)).toEqual([...accepted.map(() => 1), ...refused.map(() => 0x80), 1, 1]);
  await client.settle();
});

test("no more than QoS 1 is granted", async () => {
  const client = await (await startFixture()).login();
  expect(await client.subscribe(["v2/a"], 2)).toEqual([1]);
  expect(await client.subscribe(["v2/a"], 0)).toEqual([0]);
});

test("UNSUBSCRIBE of any flavour ends the attribute updates", async () => {
  const { login, rest, deviceId } = await startFixture();
  const client = await login();
  await client.subscribe(["v1/devices/me/attributes", "v2/a"]);
  client.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: ["v1/devices/me/attributes"] });
  await client.next("unsuback");
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/SHARED_SCOPE`, { period: 5 });
  expect(await client.settle()).toEqual([]);
});
