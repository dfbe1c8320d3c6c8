import { expect, test } from "@jest/globals";
import fc from "fast-check";
import mqtt from "mqtt-packet";
import { demoDevice } from "../../../server/server.js";
import { startFixture } from "./fixture.js";
import { connectPacket } from "./raw-client.js";

test.each([
  ["no MQTT", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["packet type 0", Uint8Array.of(0x00, 0x00)],
  ["a length of five bytes", Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01)],
  ["CONNECT that ends in the middle", Uint8Array.of(0x10, 0x07, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4)],
  ["protocol level 6", Uint8Array.of(0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 6, 2, 0, 0, 0, 0)],
  [
    "MQTT 3.1 with a client id of 24 characters",
    mqtt.generate(connectPacket({ protocolId: "MQIsdp", protocolVersion: 3, clientId: "x".repeat(24) })),
  ],
])("before the CONNACK, closes without an answer: %s", async (_, bytes) => {
  const client = await (await startFixture()).open();
  client.write(bytes);
  expect(await client.closed()).toEqual([]);
});

test.each([
  ["QoS 3", Uint8Array.of(0x36, 0x05, 0, 1, 0x61, 0, 1)],
  ["packet id 0", Uint8Array.of(0x32, 0x05, 0, 1, 0x61, 0, 0)],
  ["a wildcard in a PUBLISH topic", Uint8Array.of(0x30, 0x03, 0, 1, 0x2b)],
  ["a topic longer than its packet", Uint8Array.of(0x30, 0x03, 0, 9, 0x61)],
  ["an empty PUBLISH", Uint8Array.of(0x30, 0x00)],
  ["an empty SUBSCRIBE", Uint8Array.of(0x82, 0x00)],
  ["a SUBSCRIBE without filters", Uint8Array.of(0x82, 0x02, 0, 1)],
  ["an UNSUBSCRIBE without filters", Uint8Array.of(0xa2, 0x02, 0, 1)],
  ["reserved flags of SUBSCRIBE", Uint8Array.of(0x80, 0x06, 0, 1, 0, 1, 0x61, 0)],
])("on a live session, closes: %s", async (_, bytes) => {
  const { login, event } = await startFixture();
  const client = await login();
  client.write(bytes);
  await client.closed();
  expect(await event("device.disconnected")).toMatchObject({ reason: expect.stringContaining("malformed packet") });
});

test("no bytes bring the server down", async () => {
  const { server, login, open, rest } = await startFixture();
  const connect = mqtt.generate(connectPacket({ username: demoDevice.token }));
  const types = fc.constantFrom(0x10, 0x30, 0x32, 0x40, 0x62, 0x82, 0xa2, 0xc0, 0xe0);
  const packet = fc.tuple(types, fc.uint8Array({ maxLength: 40 })).map(([type, body]) => {
    return Buffer.from([type, body.length, ...body]);
  });
  const run = fc.asyncProperty(fc.boolean(), fc.array(packet, { maxLength: 5 }), async (isConnected, packets) => {
    const client = await open();
    client.write(Buffer.concat([...(isConnected ? [connect] : []), ...packets]));
    client.end();
    await client.closed();
  });
  await fc.assert(run, { numRuns: 150 });
  expect(server.mqttPort).toBeGreaterThan(0);
  await (await login()).settle();
  await rest.call("GET", "/tenant/devices?pageSize=1&page=0");
});

test("no payload brings the server down", async () => {
  const { login } = await startFixture();
  const topics = fc.constantFrom(
    "v2/t",
    "v2/a",
    "v2/a/req/1",
    "v2/r/req/1",
    "v2/r/res/0",
    "v1/devices/me/rpc/request/1",
    "v1/devices/me/attributes/request/1",
  );
  const text = fc.oneof(
    fc.json(),
    fc.string({ unit: "grapheme" }),
    fc
      .array(
        fc.constantFrom(
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          '"',
          "'",
          "\\",
          "u",
          "a",
          "1",
          "-",
          ".",
          "e9",
          "null",
          "/*",
          "#",
          "\n",
        ),
      )
      .map((parts) => parts.join("")),
    fc.json().map((json) => `{"ts":${json},"values":${json}}`),
    fc.json().map((json) => `{"method":"getSessionLimits","params":${json},"clientKeys":${json}}`),
  );
  let client = await login();
  const run = fc.asyncProperty(topics, text, async (topic, payload) => {
    client.publish(topic, payload, 0);
    try {
      await client.settle();
    } catch {
      client = await login();
    }
  });
  await fc.assert(run, { numRuns: 150 });
  await (await login()).settle();
});
