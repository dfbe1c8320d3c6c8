import { expect, test } from "@jest/globals";
import { demoDevice, demoLogin } from "../../../server/server.js";
import { startFixture } from "./fixture.js";
import { RestClient } from "./rest-client.js";

const unknownId = "00000000-0000-0000-0000-000000000000";

async function post(
  port: number,
  path: string,
  body: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`http://127.0.0.1:${port}/api${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

test("login gives a pair of tokens, and the refresh token another pair", async () => {
  const { server } = await startFixture();
  const { json } = await post(server.httpPort, "/auth/login", demoLogin);
  expect(String(json.token).split(".")).toHaveLength(3);
  const refreshed = await post(server.httpPort, "/auth/token", { refreshToken: json.refreshToken });
  expect(refreshed).toMatchObject({
    status: 200,
    json: { token: expect.any(String), refreshToken: expect.any(String) },
  });
  const misused = await post(server.httpPort, "/auth/token", { refreshToken: json.token });
  expect(misused.status).toBe(401);
});

test("a wrong password is refused in ThingsBoard's format", async () => {
  const { server } = await startFixture();
  const before = Date.now();
  const { status, json } = await post(server.httpPort, "/auth/login", { ...demoLogin, password: "wrong" });
  expect({ status, json }).toEqual({
    status: 401,
    json: { status: 401, message: "Invalid username or password", errorCode: 10, timestamp: expect.any(Number) },
  });
  expect(json.timestamp).toBeGreaterThanOrEqual(before);
});

test.each([
  ["none", () => ""],
  ["nonsense", () => "a.b"],
  ["one with another signature", (token: string) => token.replace(/.{4}$/, "AAAA")],
  ["one with other claims", (token: string) => token.replace(/\..{8}/, ".eyJhIjox")],
])("without a valid token nothing is told: %s", async (_, forge) => {
  const { server, deviceId } = await startFixture();
  const { json } = await post(server.httpPort, "/auth/login", demoLogin);
  const path = `http://127.0.0.1:${server.httpPort}/api/device/${deviceId}`;
  const status = async (token: string): Promise<number> => {
    return (await fetch(path, { headers: { "X-Authorization": `Bearer ${token}` } })).status;
  };
  expect(await status(String(json.token))).toBe(200);
  expect(await status(forge(`${json.token}`))).toBe(401);
});

test("the demo device is there from the start", async () => {
  const { rest, deviceId } = await startFixture();
  const device = await rest.call("GET", `/device/${deviceId}`);
  expect(device).toMatchObject({ id: { entityType: "DEVICE", id: deviceId }, name: demoDevice.name, type: "default" });
  const credentials = await rest.call("GET", `/device/${deviceId}/credentials`);
  expect(credentials).toMatchObject({ credentialsType: "ACCESS_TOKEN", credentialsId: demoDevice.token });
});

test("devices are created with a token given or made up, found by name, listed in pages, deleted", async () => {
  const { rest } = await startFixture();
  const first = await rest.call("POST", "/device?accessToken=t1", { name: "First", label: "L" });
  const second = await rest.call("POST", "/device", { name: "Second", type: "sensor" });
  expect(await rest.call("GET", "/tenant/devices?deviceName=First")).toEqual(first);
  const { credentialsId } = await rest.call("GET", `/device/${second.id.id}/credentials`);
  expect(credentialsId).toHaveLength(20);
  const page = await rest.call("GET", "/tenant/devices?pageSize=3&page=1");
  expect(page).toEqual({ data: [second], totalPages: 2, totalElements: 4, hasNext: false });
  const infos = await rest.call("GET", "/tenant/deviceInfos?pageSize=10&page=0&textSearch=FIRST");
  expect(infos.data).toEqual([expect.objectContaining({ name: "First", active: false, deviceProfileName: "default" })]);
  await rest.call("DELETE", `/device/${first.id.id}`);
  expect((await rest.fetch("GET", `/device/${first.id.id}`)).status).toBe(404);
});

test("a device is renamed by posting it back", async () => {
  const { rest, deviceId } = await startFixture();
  const device = await rest.call("GET", `/device/${deviceId}`);
  await rest.call("POST", "/device", { ...device, name: "Renamed" });
  expect(await rest.call("GET", `/device/${deviceId}`)).toEqual({ ...device, name: "Renamed" });
});

test.each([
  ["POST", "/device", { name: demoDevice.name }, 400, "Device with such name already exists!"],
  ["POST", "/device", { name: "" }, 400, "Device name should be specified!"],
  ["POST", `/device?accessToken=${demoDevice.token}`, { name: "Thief" }, 400, "already assigned to another device"],
  ["POST", "/device", { name: 5 }, 400, "'name' must be a string"],
  ["POST", "/device", "{", 400, "Invalid request body"],
  ["POST", "/device", "[]", 400, "must be a JSON object"],
  ["GET", `/device/${unknownId}`, undefined, 404, `Device with id [${unknownId}] is not found`],
  ["GET", "/device/nonsense", undefined, 400, "Invalid UUID string"],
  ["GET", "/tenant/devices?deviceName=nobody", undefined, 404, "Requested item wasn't found!"],
  ["GET", "/tenant/devices", undefined, 400, "'pageSize'"],
  ["GET", "/tenant/devices?pageSize=x&page=0", undefined, 400, "'pageSize'"],
  ["GET", "/nothing/here", undefined, 404, "Requested item wasn't found!"],
  ["POST", `/rpc/twoway/${unknownId}`, { method: "a" }, 404, "is not found"],
  ["GET", `/rpc/persistent/${unknownId}`, undefined, 404, `Rpc with id [${unknownId}] is not found`],
  ["GET", "/rpc/persistent/nonsense", undefined, 400, "Invalid UUID string"],
  ["GET", `/rpc/persistent/device/${unknownId}?pageSize=1&page=0`, undefined, 404, "is not found"],
])("%s %s %j fails with %i", async (method, path, body, status, message) => {
  const { rest } = await startFixture();
  const response = await rest.fetch(method, path, body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({
    status,
    message: expect.stringContaining(message),
    errorCode: status === 404 ? 32 : 31,
    timestamp: expect.any(Number),
  });
});

test.each([
  ["POST", "/CLIENT_SCOPE", { a: 1 }, "Invalid scope: CLIENT_SCOPE"],
  ["POST", "/attributes/OTHER", { a: 1 }, "Invalid scope: OTHER"],
  ["POST", "/SHARED_SCOPE", [], "must be a JSON object"],
  ["POST", "/SHARED_SCOPE", { " ": 1 }, "Key can't be null or empty"],
  ["DELETE", "/SHARED_SCOPE", undefined, "Empty keys"],
  ["POST", "/timeseries/ANY", '{"ts":null,"values":{}}', "ts must be a number"],
  ["GET", "/values/timeseries?startTs=0", undefined, "'keys'"],
  ["GET", "/values/timeseries?keys=a&startTs=0", undefined, "'endTs'"],
  ["GET", "/values/timeseries?keys=a&startTs=0&endTs=9&limit=0", undefined, "Limit must be positive"],
  ["GET", "/values/timeseries?keys=a&startTs=0&endTs=9&agg=AVG", undefined, "AVG is not supported"],
])("%s telemetry %s %j fails with 400", async (method, path, body, message) => {
  const { rest, deviceId } = await startFixture();
  const response = await rest.fetch(method, `/plugins/telemetry/DEVICE/${deviceId}${path}`, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) });
});

test("latest values: of all keys or of some, an unknown one is null", async () => {
  const { rest, deviceId } = await startFixture();
  const path = `/plugins/telemetry/DEVICE/${deviceId}`;
  await rest.call("POST", `${path}/timeseries/ANY`, '[{"ts":1,"values":{"a":1,"b":2.0}},{"ts":2,"values":{"a":3}}]');
  expect(await rest.call("GET", `${path}/keys/timeseries`)).toEqual(["a", "b"]);
  const all = await rest.call("GET", `${path}/values/timeseries`);
  expect(all).toEqual({ a: [{ ts: 2, value: "3" }], b: [{ ts: 1, value: "2.0" }] });
  const some = await rest.call("GET", `${path}/values/timeseries?keys=b,c&useStrictDataTypes=true`);
  expect(some).toEqual({ b: [{ ts: 1, value: 2 }], c: [{ ts: expect.any(Number), value: null }] });
});

test.each([
  ["newest first", "startTs=1&endTs=9", [8, 7, 6, 5, 4, 3, 2, 1]],
  ["startTs counts in, endTs out", "startTs=3&endTs=5", [4, 3]],
  ["oldest first", "startTs=3&endTs=6&orderBy=ASC", [3, 4, 5]],
  ["the newest of many", "startTs=0&endTs=99&limit=2", [8, 7]],
  ["the oldest of many", "startTs=0&endTs=99&limit=2&orderBy=ASC", [1, 2]],
])("history: %s", async (_, query, times) => {
  const { rest, deviceId } = await startFixture();
  const path = `/plugins/telemetry/DEVICE/${deviceId}`;
  const groups = [5, 3, 8, 1, 2, 4, 7, 6].map((ts) => ({ ts, values: { a: ts } }));
  await rest.call("POST", `${path}/timeseries/ANY`, groups);
  const { a, ...others } = await rest.call("GET", `${path}/values/timeseries?keys=a,b&agg=NONE&${query}`);
  expect(a.map(({ ts }: { ts: number }) => ts)).toEqual(times);
  expect(others).toEqual({});
});

test("history is 100 samples long unless asked otherwise", async () => {
  const { rest, deviceId } = await startFixture();
  const path = `/plugins/telemetry/DEVICE/${deviceId}`;
  const groups = Array.from({ length: 150 }, (_, ts) => ({ ts, values: { a: ts } }));
  await rest.call("POST", `${path}/timeseries/ANY`, groups);
  const { a } = await rest.call("GET", `${path}/values/timeseries?keys=a&startTs=0&endTs=999`);
  expect(a).toHaveLength(100);
});

test.each(["/DEVICE/{id}/attributes/{scope}", "/DEVICE/{id}/{scope}", "/{id}/{scope}"])(
  "attributes by POST %s",
  async (form) => {
    const { rest, deviceId } = await startFixture();
    const path = form.replace("{id}", deviceId);
    await rest.call("POST", `/plugins/telemetry${path.replace("{scope}", "SHARED_SCOPE")}`, '{"a":1,"b":{"c":2.0}}');
    await rest.call("POST", `/plugins/telemetry${path.replace("{scope}", "SERVER_SCOPE")}`, { d: "x" });
    const list = await rest.call(
      "GET",
      `/plugins/telemetry/DEVICE/${deviceId}/values/attributes/SHARED_SCOPE?keys=b,e`,
    );
    expect(list).toEqual([{ lastUpdateTs: expect.any(Number), key: "b", value: { c: 2 } }]);
    expect(await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/keys/attributes`)).toEqual(["a", "b", "d"]);
    const scopeKeys = await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/keys/attributes/SERVER_SCOPE`);
    expect(scopeKeys).toEqual(["d"]);
  },
);

test.each(["/DEVICE/{id}/SHARED_SCOPE", "/{id}/SHARED_SCOPE"])("attributes by DELETE %s", async (form) => {
  const { rest, deviceId } = await startFixture();
  const path = `/plugins/telemetry${form.replace("{id}", deviceId)}`;
  await rest.call("POST", path, { a: 1, b: 2 });
  await rest.call("DELETE", `${path}?keys=a`);
  expect(await rest.attributes(deviceId, "SHARED_SCOPE")).toEqual({ b: 2 });
});

test("the page and its files are served without a login", async () => {
  const { server } = await startFixture();
  for (const [path, type] of [
    ["/", "text/html"],
    ["/page.js", "text/javascript"],
    ["/api.js", "text/javascript"],
    ["/update.js", "text/javascript"],
    ["/page.css", "text/css"],
  ] as const) {
    const response = await fetch(`http://127.0.0.1:${server.httpPort}${path}`);
    expect([path, response.status, response.headers.get("content-type")]).toEqual([
      path,
      200,
      `${type}; charset=utf-8`,
    ]);
    expect((await response.text()).length).toBeGreaterThan(100);
  }
});

test("servers in one process know nothing of each other", async () => {
  const [first, second] = [await startFixture(), await startFixture()];
  await first.rest.createDevice("Only here", "only-here");
  await expect(second.login("only-here")).rejects.toThrow("code 5");
  await (await first.login("only-here")).settle();
  await expect(RestClient.login(second.server.httpPort)).resolves.toBeDefined();
});
