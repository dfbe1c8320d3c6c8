import { expect, test } from "@jest/globals";
import { type GatewayFixture, startGateway } from "./gateway-fixture.js";

const telemetry = "v1/gateway/telemetry";

/** Long enough for a loaded machine to be punctual within a third of it. */
const sessionTimeout = 600;

async function pause(span: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, span));
}

/** Keeps a connection alive, and whatever else is told. */
async function keepAlive(span: number, sign: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + span; Date.now() < end; await pause(sessionTimeout / 5)) await sign();
}

async function isConnected({ share, gateway }: GatewayFixture, device: string): Promise<boolean> {
  await share(device, { probe: 1 });
  const packets = await gateway.settle();
  for (const packet of packets) await gateway.next(packet.cmd);
  return packets.length > 0;
}

test("a sub-device that is silent expires alone, and without a word", async () => {
  const fixture = await startGateway({ sessionTimeout });
  const { gateway, tell, rest, idOf, events } = fixture;
  for (const device of ["A", "B"]) await tell("v1/gateway/connect", { device });
  await keepAlive(sessionTimeout * 1.5, async () => {
    gateway.send({ cmd: "pingreq" });
    await gateway.next("pingresp");
    await tell(telemetry, { B: [{ b: 1 }] });
  });
  expect(await gateway.settle()).toEqual([]);
  expect([await isConnected(fixture, "A"), await isConnected(fixture, "B")]).toEqual([false, true]);
  const gone = events.filter(({ event }) => event === "subdevice.disconnected");
  expect(gone).toEqual([expect.objectContaining({ device: "A", reason: "session timeout" })]);
  const { lastConnectTime, lastDisconnectTime } = await rest.attributes(await idOf("A"), "SERVER_SCOPE");
  expect(Number(lastDisconnectTime)).toBeGreaterThanOrEqual(Number(lastConnectTime) + sessionTimeout - 10);
  await tell("v1/gateway/connect", { device: "A" });
  expect(await isConnected(fixture, "A")).toBe(true);
});

test.each([
  [telemetry, { A: [{ a: 1 }] }, true],
  ["v1/gateway/attributes", { A: { a: 1 } }, true],
  ["v1/gateway/attributes/request", { id: 1, device: "A", client: true, key: "" }, true],
  ["v1/gateway/rpc", { device: "A", id: 9, data: 1 }, true],
  ["v1/gateway/claim", { A: {} }, true],
  ["v1/gateway/connect", { device: "A" }, false],
])("whether %s is a sign of life of its device: %j, %s", async (topic, message, isSign) => {
  const fixture = await startGateway({ sessionTimeout });
  const { tell, events } = fixture;
  await tell("v1/gateway/connect", { device: "A" });
  await pause(sessionTimeout * 0.6);
  await tell(topic, message);
  await pause(sessionTimeout * 0.7);
  await tell("v1/gateway/disconnect", { device: "B" });
  expect(events.some(({ event }) => event === "subdevice.disconnected")).toBe(!isSign);
});

test.each([true, false, "true"])(
  "PINGREQ of a gateway with overwriteActivityTime %j",
  async (overwriteActivityTime) => {
    const fixture = await startGateway({ sessionTimeout });
    const { gateway, tell, rest, gatewayId } = fixture;
    await tell("v1/gateway/connect", { device: "A" });
    const device = await rest.call("GET", `/device/${gatewayId}`);
    const additionalInfo = { gateway: true, overwriteActivityTime };
    await rest.call("POST", "/device", { ...device, additionalInfo });
    await keepAlive(sessionTimeout * 1.5, async () => {
      gateway.send({ cmd: "pingreq" });
      await gateway.next("pingresp");
    });
    expect(await isConnected(fixture, "A")).toBe(overwriteActivityTime === true);
  },
);

test("with overwriteActivityTime the traffic of one sub-device keeps the others", async () => {
  const fixture = await startGateway({ sessionTimeout });
  const { tell, rest, gatewayId } = fixture;
  const device = await rest.call("GET", `/device/${gatewayId}`);
  const additionalInfo = { gateway: true, overwriteActivityTime: true };
  await rest.call("POST", "/device", { ...device, additionalInfo });
  await tell("v1/gateway/connect", { device: "A" });
  await keepAlive(sessionTimeout * 1.5, () => tell(telemetry, { B: [{ b: 1 }] }));
  expect(await isConnected(fixture, "A")).toBe(true);
});

test("what a gateway says for its sub-devices keeps its own session", async () => {
  const { gateway, tell } = await startGateway({ sessionTimeout });
  await keepAlive(sessionTimeout * 1.5, () => tell("v1/gateway/disconnect", { device: "A" }));
  expect(await gateway.settle()).toEqual([]);
});

test("a sub-device is active from its connect on, and its disconnect is noted", async () => {
  const { tell, rest, idOf, gateway, event } = await startGateway();
  for (const device of ["A", "B"]) await tell("v1/gateway/connect", { device });
  const infos = await rest.call("GET", "/tenant/deviceInfos?pageSize=9&page=0&textSearch=A");
  expect(infos.data).toContainEqual(expect.objectContaining({ name: "A", active: true }));
  await tell("v1/gateway/disconnect", { device: "A" });
  expect(await rest.attributes(await idOf("A"), "SERVER_SCOPE")).toHaveProperty("lastDisconnectTime");
  expect(await rest.attributes(await idOf("B"), "SERVER_SCOPE")).not.toHaveProperty("lastDisconnectTime");
  gateway.destroy();
  await event("device.disconnected");
  expect(await rest.attributes(await idOf("B"), "SERVER_SCOPE")).toHaveProperty("lastDisconnectTime");
});

test("a gateway that connects again has no sub-devices until it names them", async () => {
  const { gateway, tell, login, share } = await startGateway();
  await tell("v1/gateway/connect", { device: "A" });
  const again = await login("xsthing-gateway");
  expect(await gateway.closed()).toEqual([]);
  await share("A", { a: 1 });
  expect(await again.settle()).toEqual([]);
  again.publish("v1/gateway/connect", '{"device":"A"}');
  await again.next("puback");
  await share("A", { a: 2 });
  expect((await again.nextPublish()).payload).toBe('{"device":"A","data":{"a":2}}');
});

test("v1/gateway/connect takes a device over from its own connection, and the device takes itself back", async () => {
  const fixture = await startGateway();
  const { gateway, tell, rest, login } = fixture;
  await rest.createDevice("A", "a");
  const direct = await login("a");
  await tell("v1/gateway/connect", { device: "A" });
  expect(await direct.closed()).toEqual([]);
  expect(await isConnected(fixture, "A")).toBe(true);
  await login("a");
  expect(await gateway.settle()).toEqual([]);
  expect(await isConnected(fixture, "A")).toBe(false);
});

test("two gateways take a device from each other", async () => {
  const fixture = await startGateway();
  const { gateway, tell, rest, login } = fixture;
  await rest.call("POST", "/device?accessToken=other", { name: "Other", additionalInfo: { gateway: true } });
  const other = await login("other");
  await tell("v1/gateway/connect", { device: "A" });
  other.publish("v1/gateway/connect", '{"device":"A"}');
  await other.next("puback");
  expect(await isConnected(fixture, "A")).toBe(false);
  expect((await other.nextPublish()).topic).toBe("v1/gateway/attributes");
  await tell(telemetry, { A: [{ a: 1 }] });
  expect(await isConnected(fixture, "A")).toBe(true);
  expect(await gateway.settle()).toEqual([]);
});

test("a deleted sub-device goes without a word, and the next message creates it anew", async () => {
  const fixture = await startGateway();
  const { gateway, tell, rest, idOf, isKnown } = fixture;
  await tell("v1/gateway/connect", { device: "A", type: "sensor" });
  const before = await idOf("A");
  await rest.call("DELETE", `/device/${before}`);
  expect(await gateway.settle()).toEqual([]);
  expect(await isKnown("A")).toBe(false);
  await tell(telemetry, { A: [{ a: 1 }] });
  expect(await idOf("A")).not.toBe(before);
  expect(await rest.call("GET", `/device/${await idOf("A")}`)).toMatchObject({ type: "default" });
  expect(await rest.latest(await idOf("A"), "a")).toEqual({ a: 1 });
  expect(await isConnected(fixture, "A")).toBe(true);
});

test("new credentials of a sub-device end its session, without a word", async () => {
  const fixture = await startGateway();
  const { tell, rest, idOf } = fixture;
  await tell("v1/gateway/connect", { device: "A" });
  await rest.setCredentials(await idOf("A"), { credentialsType: "ACCESS_TOKEN", credentialsId: "new" });
  expect(await isConnected(fixture, "A")).toBe(false);
});

test("a deleted gateway is closed, and its sub-devices stay, disconnected", async () => {
  const { gateway, tell, rest, idOf, gatewayId } = await startGateway();
  await tell("v1/gateway/connect", { device: "A" });
  await rest.call("DELETE", `/device/${gatewayId}`);
  expect(await gateway.closed()).toEqual([]);
  expect(await rest.attributes(await idOf("A"), "SERVER_SCOPE")).toHaveProperty("lastDisconnectTime");
});
