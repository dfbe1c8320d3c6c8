import { expect, test } from "@jest/globals";
import { startGateway } from "./gateway-fixture.js";

const request = "v1/gateway/attributes/request";
const response = "v1/gateway/attributes/response";

async function gatewayWithAttributes() {
  const fixture = await startGateway();
  await fixture.tell("v1/gateway/attributes", { A: { model: "A1", serial: 7 }, B: { only: 1 }, C: {} });
  for (const name of ["A", "B"]) await fixture.tell("v1/gateway/disconnect", { device: name });
  await fixture.share("A", { period: 5, model: "shared" });
  await fixture.share("B", { only: 2 });
  return fixture;
}

test.each([
  ["one key of the client", { client: true, key: "model" }, '"value":"A1"'],
  ["one shared key", { client: false, key: "model" }, '"value":"shared"'],
  ["client as a text", { client: "TRUE", key: "model" }, '"value":"A1"'],
  ["client 1 is false", { client: 1, key: "model" }, '"value":"shared"'],
  ['client "yes" is false', { client: "yes", key: "model" }, '"value":"shared"'],
  ["a list of one key", { client: true, keys: ["serial"] }, '"value":7'],
  ["the same key twice is one", { client: true, keys: ["serial", "serial"] }, '"value":7'],
  ["two keys", { client: true, keys: ["model", "serial"] }, '"values":{"model":"A1","serial":7}'],
  ["two keys, one found", { client: false, keys: ["period", "never"] }, '"values":{"period":5}'],
  ["key wins over keys", { client: true, key: "model", keys: ["model", "serial"] }, '"value":"A1"'],
  ["a comma is part of a key", { client: true, key: "model,serial" }, undefined],
  ["one unknown key", { client: true, key: "never" }, undefined],
  ["two unknown keys", { client: true, keys: ["never", "ever"] }, undefined],
  [
    "all of both scopes, the shared ones over the others",
    { client: true, keys: [] },
    '"values":{"model":"shared","serial":7,"period":5}',
  ],
])(`${request}: %s`, async (_, wanted, member) => {
  const { gateway } = await gatewayWithAttributes();
  const id = gateway.publish(request, JSON.stringify({ id: 3, device: "A", ...wanted }));
  expect((await gateway.next("puback")).messageId).toBe(id);
  const payload = `{"id":3,"device":"A"${member === undefined ? "" : `,${member}`}}`;
  expect(await gateway.nextPublish()).toMatchObject({ topic: response, payload, qos: 1 });
});

test("all of both scopes is a value where a scope has but one, the shared one in place of the other", async () => {
  const { gateway, tell } = await gatewayWithAttributes();
  await tell(request, { id: 0, device: "B", client: true, keys: [] });
  expect((await gateway.nextPublish()).payload).toBe('{"id":0,"device":"B","value":2}');
  await tell(request, { id: 0, device: "C", client: true, keys: [] });
  expect((await gateway.nextPublish()).payload).toBe('{"id":0,"device":"C"}');
});

test("an id that is negative, or a text, or too long is answered too", async () => {
  const { gateway, tell } = await gatewayWithAttributes();
  const ids: unknown[] = [];
  for (const id of [-1, "5", 4_294_967_297, 1.9]) {
    await tell(request, { id, device: "A", client: true, key: "model" });
    ids.push(JSON.parse((await gateway.nextPublish()).payload).id);
  }
  expect(ids).toEqual([-1, 5, 1, 1]);
});

test("an empty key is acknowledged and not answered", async () => {
  const { gateway, tell } = await gatewayWithAttributes();
  await tell(request, { id: 1, device: "A", client: true, key: "" });
  await tell(request, { id: 1, device: "A", client: true, keys: ["model", ""] });
  expect(await gateway.settle()).toEqual([]);
});

test("the answer has the QoS of the subscription, 1 without one", async () => {
  const { gateway, tell } = await gatewayWithAttributes();
  await gateway.subscribe([response], 0);
  await tell(request, { id: 1, device: "A", client: true, key: "model" });
  expect((await gateway.nextPublish()).qos).toBe(0);
  gateway.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: [response] });
  await gateway.next("unsuback");
  await tell(request, { id: 1, device: "A", client: true, key: "model" });
  expect((await gateway.nextPublish()).qos).toBe(1);
});

test.each([
  ["without a subscription", undefined, 1],
  ["with one at QoS 0", 0, 0],
  ["with one at QoS 1", 1, 1],
] as const)("v1/gateway/attributes: updates and deletions are pushed %s", async (_, wanted, qos) => {
  const { gateway, tell, share, rest, idOf } = await startGateway();
  await tell("v1/gateway/connect", { device: 'Device "A"' });
  if (wanted !== undefined) await gateway.subscribe(["v1/gateway/attributes"], wanted);
  await share('Device "A"', { attribute1: "value1", attribute2: "42" });
  expect(await gateway.nextPublish()).toMatchObject({
    topic: "v1/gateway/attributes",
    payload: '{"device":"Device \\"A\\"","data":{"attribute1":"value1","attribute2":42}}',
    qos,
  });
  await rest.call("DELETE", `/plugins/telemetry/DEVICE/${await idOf('Device "A"')}/SHARED_SCOPE?keys=attribute1,never`);
  const payload = '{"device":"Device \\"A\\"","data":{"deleted":["attribute1","never"]}}';
  expect(await gateway.nextPublish()).toMatchObject({ payload, qos });
});

test("unsubscribing from v1/gateway/attributes does not end the updates", async () => {
  const { gateway, tell, share } = await startGateway();
  await tell("v1/gateway/connect", { device: "A" });
  await gateway.subscribe(["v1/gateway/attributes"], 0);
  gateway.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: ["v1/gateway/attributes"] });
  await gateway.next("unsuback");
  await share("A", { a: 1 });
  expect((await gateway.nextPublish()).qos).toBe(1);
});

test("of a device that is not connected, nothing is pushed, nor of the gateway's own attributes", async () => {
  const { gateway, rest, share, gatewayId } = await startGateway();
  await rest.createDevice("A", "a");
  await share("A", { a: 1 });
  await rest.call("POST", `/plugins/telemetry/DEVICE/${gatewayId}/SHARED_SCOPE`, { a: 1 });
  expect(await gateway.settle()).toEqual([]);
});

test("one count of packet ids for the gateway and all its sub-devices", async () => {
  const { gateway, tell, share } = await startGateway();
  for (const device of ["A", "B"]) await tell("v1/gateway/connect", { device });
  await gateway.subscribe(["v1/devices/me/attributes"]);
  const ids = [];
  for (const name of ["A", "B", "Demo gateway", "A"]) {
    await share(name, { a: 1 });
    ids.push((await gateway.nextPublish()).messageId);
  }
  expect(ids).toEqual([1, 2, 3, 4]);
});
