import { expect, test } from "@jest/globals";
import { type Fixture, startFixture } from "./fixture.js";

interface Stored {
  readonly ts: number;
  readonly value: unknown;
}

/** Every sample of some keys, oldest first. */
async function history({ rest, deviceId }: Fixture, keys: string): Promise<Record<string, Stored[]>> {
  const range = `startTs=-9000000000000&endTs=9000000000000&limit=1000&orderBy=ASC&useStrictDataTypes=true`;
  return rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries?keys=${keys}&${range}`);
}

test.each(["v1/devices/me/telemetry", "v2/t", "v2/t/j"])("telemetry on %s", async (topic) => {
  const fixture = await startFixture();
  const client = await fixture.login();
  const id = client.publish(topic, '{"ts":1000,"values":{"a":1}}');
  expect((await client.next("puback")).messageId).toBe(id);
  expect(await history(fixture, "a")).toEqual({ a: [{ ts: 1000, value: 1 }] });
});

test.each([
  ["one group", '{"ts":5,"values":{"a":1}}', { a: [[5, 1]] }],
  [
    "several groups",
    '[{"ts":5,"values":{"a":1}},{"ts":6,"values":{"a":2,"b":3}}]',
    {
      a: [
        [5, 1],
        [6, 2],
      ],
      b: [[6, 3]],
    },
  ],
  ["other members beside values", '{"ts":5,"values":{"a":1},"b":2}', { a: [[5, 1]] }],
  [
    "seconds, negative and future times",
    '[{"ts":-5,"values":{"a":1}},{"ts":5e12,"values":{"a":2}}]',
    {
      a: [
        [-5, 1],
        [5e12, 2],
      ],
    },
  ],
  ["ts with a fraction", '{"ts":5.9,"values":{"a":1}}', { a: [[5, 1]] }],
  ["ts in exponent form", '{"ts":1.45e12,"values":{"a":1}}', { a: [[1.45e12, 1]] }],
  ["ts as string", '{"ts":"5","values":{"a":1}}', { a: [[5, 1]] }],
  ["ts as array of one", '{"ts":[5],"values":{"a":1}}', { a: [[5, 1]] }],
  ["the same instant twice: the last wins", '[{"ts":5,"values":{"a":1}},{"ts":5,"values":{"a":2}}]', { a: [[5, 2]] }],
  ["unquoted", "{ts:5,values:{a:1,b:on}}", { a: [[5, 1]], b: [[5, "on"]] }],
  ["single quotes", "{'ts':5,'values':{'a':'x'}}", { a: [[5, "x"]] }],
  ["= and ;", "{ts=5;values=>{a=1}}", { a: [[5, 1]] }],
  ["comments", '/* a */{"ts":5,// b\n"values":{"a":1}# c\n}', { a: [[5, 1]] }],
  ["the guard against execution", ')]}\'\n{"ts":5,"values":{"a":1}}', { a: [[5, 1]] }],
  ["duplicate keys: the last wins", '{"ts":5,"values":{"a":1,"a":2}}', { a: [[5, 2]] }],
])("telemetry grammar: %s", async (_, payload, expected) => {
  const fixture = await startFixture();
  const client = await fixture.login();
  client.publish("v2/t", payload);
  await client.next("puback");
  const stored = await history(fixture, "a,b");
  const pairs = Object.entries(stored).map(([key, samples]) => [key, samples.map(({ ts, value }) => [ts, value])]);
  expect(Object.fromEntries(pairs)).toEqual(expected);
});

test("without ts the server's clock counts, one reading for the whole message", async () => {
  const fixture = await startFixture();
  const client = await fixture.login();
  const before = Date.now();
  client.publish("v2/t", '[{"a":1},{"b":2},{"ts":1,"c":3}]');
  await client.next("puback");
  const { a, b, c, ts } = await history(fixture, "a,b,c,ts");
  expect(a?.[0]?.ts).toBeGreaterThanOrEqual(before);
  expect([b?.[0]?.ts, c?.[0]?.ts, ts?.[0]]).toEqual([a?.[0]?.ts, a?.[0]?.ts, { ts: a?.[0]?.ts, value: 1 }]);
});

/** Sheet 3.3: what is sent, and what the REST API returns without and with strict data types. */
const typing: [sent: string, text: string, strict: string][] = [
  ["true", "true", "true"],
  ["TRUE", "true", "true"],
  ["42", "42", "42"],
  ["-0", "0", "0"],
  ["9007199254740993", "9007199254740993", "9007199254740993"],
  ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
  ["1e3", "1000", "1000"],
  ["1.5e3", "1500", "1500"],
  ["42.0", "42.0", "42.0"],
  ["-0.0", "0.0", "0.0"],
  ["1.5e-3", "0.0015", "0.0015"],
  ["12345678.5", "1.23456785E7", "1.23456785E7"],
  ["0.00001", "1.0E-5", "1.0E-5"],
  ["9223372036854775808", "9223372036854775808", '"9223372036854775808"'],
  ["1e21", "1000000000000000000000", '"1000000000000000000000"'],
  ["0.1234567890123456", "0.1234567890123456", "0.1234567890123456"],
  ["0.30000000000000004", "0.30000000000000004", '"0.30000000000000004"'],
  ["1e-17", "0.00000000000000001", '"0.00000000000000001"'],
  ["-1.5e-17", "-0.000000000000000015", '"-0.000000000000000015"'],
  ['"42"', "42", "42"],
  ['"42.0"', "42.0", "42.0"],
  ['"1.10"', "1.1", "1.1"],
  ['"007"', "7", "7"],
  ["01", "1", "1"],
  ['".5"', "0.5", "0.5"],
  ['"-.5"', "-0.5", "-0.5"],
  ['"1.2.3"', "1.2.3", '"1.2.3"'],
  ['"1e5"', "1e5", '"1e5"'],
  ['"+5"', "+5", '"+5"'],
  ['" 5"', " 5", '" 5"'],
  ['"5."', "5.", '"5."'],
  ['"true"', "true", '"true"'],
  ["NaN", "NaN", '"NaN"'],
  ["0x10", "0x10", '"0x10"'],
  ['""', "", '""'],
  ['"\\u00e4\\n"', "ä\n", '"ä\\n"'],
  ['{"b":1,"c":null,"d":{"e":null}}', '{"b":1,"d":{}}', '{"b":1,"d":{}}'],
  ["[1,null,2.0]", "[1,null,2.0]", "[1,null,2.0]"],
  ["[1,,2]", "[1,null,2]", "[1,null,2]"],
];

test("the typing table", async () => {
  const { login, rest, deviceId } = await startFixture();
  const client = await login();
  const members = typing.map(([sent], index) => `"k${index}":${sent}`);
  client.publish("v2/t", `{${members.join(",")},"nothing":null}`);
  await client.next("puback");
  const path = `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries`;
  const loose = await rest.call("GET", path);
  const strict = await (await rest.fetch("GET", `${path}?useStrictDataTypes=true`)).text();
  expect(Object.keys(loose)).toHaveLength(typing.length);
  for (const [index, [sent, text, json]] of typing.entries()) {
    expect([sent, loose[`k${index}`][0].value]).toEqual([sent, text]);
    const written = new RegExp(`"k${index}":\\[{"ts":\\d+,"value":(.*?)}\\](,"k|}$)`).exec(strict)?.[1];
    expect([sent, written]).toEqual([sent, json]);
  }
});

const telemetryTopic = "v1/devices/me/telemetry";

test.each([
  ["no JSON", telemetryTopic, "{"],
  ["empty", telemetryTopic, ""],
  ["null", telemetryTopic, "null"],
  ["a scalar", telemetryTopic, "5"],
  ["a trailing comma", telemetryTopic, '{"a":1,}'],
  ["text after the end", telemetryTopic, '{"a":1}}'],
  ["an array element that is no object", telemetryTopic, '[{"a":1},5]'],
  ["values that are no object", telemetryTopic, '{"ts":5,"values":5}'],
  ["ts null", telemetryTopic, '{"ts":null,"values":{"a":1}}'],
  ["ts as text", telemetryTopic, '{"ts":"2024-01-01","values":{"a":1}}'],
  ["ts as array of two", telemetryTopic, '{"ts":[1,2],"values":{"a":1}}'],
  ["an absurd exponent", telemetryTopic, '{"a":1e999999999}'],
  ["nesting deeper than 255", telemetryTopic, `{"a":${"[".repeat(300)}${"]".repeat(300)}}`],
  ["protobuf without a schema", "v2/t/p", "\u0001"],
  ["attributes that are an array", "v1/devices/me/attributes", "[]"],
  ["an attribute request that is no object", "v1/devices/me/attributes/request/1", "[]"],
  ["an attribute request without payload", "v1/devices/me/attributes/request/1", ""],
  ["an attribute request with an array of keys", "v1/devices/me/attributes/request/1", '{"clientKeys":["a","b"]}'],
  ["an attribute request with null keys", "v1/devices/me/attributes/request/1", '{"sharedKeys":null}'],
  ["an attribute request without a number", "v1/devices/me/attributes/request/x", "{}"],
  ["an attribute request with an id over 32 bits", "v2/a/req/2147483648", "{}"],
  ["an RPC response without a number", "v1/devices/me/rpc/response/x", "{}"],
  ["an RPC request without a method", "v1/devices/me/rpc/request/1", "{}"],
  ["an RPC request without a number", "v1/devices/me/rpc/request/x", '{"method":"a"}'],
])("closes without a PUBACK: %s", async (_, topic, payload) => {
  const { login, event } = await startFixture();
  const client = await login();
  client.publish(topic, payload);
  expect(await client.closed()).toEqual([]);
  expect(await event("device.disconnected")).toMatchObject({ reason: expect.stringContaining(topic) });
});

test.each([0, 1] as const)("what makes the transport throw is swallowed before the CONNACK, QoS %i", async (qos) => {
  const { open } = await startFixture();
  const client = await open();
  const { connectPacket } = await import("./raw-client.js");
  const { demoDevice } = await import("../../../server/server.js");
  client.send(
    connectPacket({ username: demoDevice.token }),
    client.publishPacket("v2/t", '{"ts":null,"values":{}}', qos),
  );
  await client.next("connack");
  expect(await client.settle()).toEqual([]);
});

test("an unknown topic is acknowledged like success; at QoS 0 nothing happens", async () => {
  const { login, event } = await startFixture();
  const client = await login();
  const id = client.publish("v1/devices/me/nothing", "{");
  expect((await client.next("puback")).messageId).toBe(id);
  client.publish("v1/devices/me/nothing", "{", 0);
  expect(await client.settle()).toEqual([]);
  expect(await event("publish.ignored")).toMatchObject({ topic: "v1/devices/me/nothing" });
});

test("gateway topics of a device that is none: no PUBACK, no close", async () => {
  const client = await (await startFixture()).login();
  client.publish("v1/gateway/telemetry", "{}");
  expect(await client.settle()).toEqual([]);
});

test("an empty array is never acknowledged, an empty object is", async () => {
  const client = await (await startFixture()).login();
  client.publish("v2/t", "[]");
  const id = client.publish("v2/t", "{}");
  expect((await client.next("puback")).messageId).toBe(id);
  expect(await client.settle()).toEqual([]);
});

test("QoS 0 telemetry is stored, QoS 2 is answered by a PUBACK", async () => {
  const { login, rest, deviceId } = await startFixture();
  const client = await login();
  client.publish("v2/t", '{"a":1}', 0);
  const id = client.publish("v2/t", '{"b":2}', 2);
  expect((await client.next("puback")).messageId).toBe(id);
  expect(await rest.latest(deviceId, "a,b")).toEqual({ a: 1, b: 2 });
});

test.each([
  ["blank", " "],
  ["longer than 255", "k".repeat(256)],
])("a key that is %s is acknowledged and not stored", async (_, key) => {
  const { login, rest, deviceId, event } = await startFixture();
  const client = await login();
  client.publish("v2/t", JSON.stringify({ a: 1, [key]: 2 }));
  await client.next("puback");
  await event("save.rejected");
  expect(await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/keys/timeseries`)).toEqual([]);
});

test("the names of JavaScript's objects are keys like any other", async () => {
  const { login, rest, deviceId } = await startFixture();
  const client = await login();
  client.publish("v2/t", '{"__proto__":1,"constructor":2,"toString":{"__proto__":3}}');
  await client.next("puback");
  const keys = await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/keys/timeseries`);
  expect(keys).toEqual(["__proto__", "constructor", "toString"]);
});
