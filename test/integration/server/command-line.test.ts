import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { parseCommandLine } from "../../../server/command-line.js";
import { makeAuthority } from "../../fakes/certificates.js";
import { RawClient } from "./raw-client.js";
import { killProcesses, ServerProcess, startProcess } from "./server-process.js";

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

test("the defaults", () => {
  const expected = { mqttPort: 1883, httpPort: 8080, state: ".xsthing/server", isJson: false, tls: undefined };
  expect(parseCommandLine([])).toEqual(expected);
});

test("every option", () => {
  const args = ["--mqtt-port", "0", "--http-port=65535", "--state", "x", "--json"];
  const tlsArgs = ["--tls-cert", "c", "--tls-key", "k", "--tls-port", "0"];
  const tls = { port: 0, certificateFile: "c", keyFile: "k" };
  expect(parseCommandLine([...args, ...tlsArgs])).toEqual({
    mqttPort: 0,
    httpPort: 65_535,
    state: "x",
    isJson: true,
    tls,
  });
  expect(parseCommandLine(tlsArgs.slice(0, 4)).tls).toEqual({ ...tls, port: 8883 });
});

test.each([
  [["--bogus"], "--bogus"],
  [["--mqtt-port", "x"], "--mqtt-port"],
  [["--mqtt-port=-1"], "--mqtt-port"],
  [["--mqtt-port="], "--mqtt-port"],
  [["--http-port", "65536"], "--http-port"],
  [["--http-port"], "--http-port"],
  [["--state="], "--state"],
  [["--tls-cert", "c"], "--tls-key"],
  [["--tls-key", "k"], "--tls-cert"],
  [["--tls-port", "1"], "--tls-cert"],
  [["--tls-cert", "c", "--tls-key", "k", "--tls-port", "x"], "--tls-port"],
  [["--json=yes"], "--json"],
  [["extra"], "extra"],
])("%j is refused by name", (args, name) => {
  expect(() => parseCommandLine(args)).toThrow(name);
});

test("a malformed option ends the command with code 2", async () => {
  const server = new ServerProcess(["--http-port", "many"]);
  expect(await server.ended()).toBe(2);
  expect(server.stderr).toContain('--http-port: expected a port from 0 to 65535, got "many"');
  expect(server.stdout).toBe("");
});

test.each(["--mqtt-port", "--http-port"])("a port in use for %s ends the command with code 1", async (option) => {
  const { mqttPort } = await startProcess(join(state, "first"));
  const ports = { "--mqtt-port": "0", "--http-port": "0", [option]: String(mqttPort) };
  const server = new ServerProcess([...Object.entries(ports).flat(), "--state", join(state, "second")]);
  expect(await server.ended()).toBe(1);
  expect(server.stderr).toContain(`port ${mqttPort} is in use`);
});

test("certificate and key come from files; a file that cannot be read ends the command with code 1", async () => {
  const { certificate, privateKey } = makeAuthority("A").issue({ commonName: "server", hosts: ["127.0.0.1"] });
  const [certificateFile, keyFile] = [join(state, "certificate.pem"), join(state, "key.pem")];
  writeFileSync(certificateFile, certificate);
  writeFileSync(keyFile, privateKey);
  const ports = ["--mqtt-port", "0", "--http-port", "0", "--tls-port", "0", "--state", state];
  const server = new ServerProcess([...ports, "--tls-cert", certificateFile, "--tls-key", keyFile]);
  const [, port] = /mqtts:\/\/127\.0\.0\.1:(\d+)/.exec((await server.lines(6)).join("\n")) ?? [];
  (await RawClient.openSecurely(Number(port), { ca: certificate })).destroy();
  const refused = new ServerProcess([...ports, "--tls-cert", join(state, "none.pem"), "--tls-key", keyFile]);
  expect(await refused.ended()).toBe(1);
  expect(refused.stderr).toMatch(/ENOENT.*none\.pem/);
});

test.each(["SIGINT", "SIGTERM"] as const)("--json prints events as lines, %s ends with code 0", async (signal) => {
  const { process, mqttPort, httpPort } = await startProcess(state);
  const client = await RawClient.login(mqttPort, "xsthing-demo");
  client.publish("v2/t", '{"a":1,"b":2}');
  await client.next("puback");
  expect(await process.kill(signal)).toBe(0);
  await client.closed();
  const page = `http://127.0.0.1:${httpPort}/`;
  expect((await process.lines(4)).map((line) => JSON.parse(line))).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      event: "server.listening",
      mqttPort,
      httpPort,
      page,
      pid: expect.any(Number),
    },
    expect.objectContaining({ event: "device.connected", device: "Demo device", clientId: "raw" }),
    expect.objectContaining({ event: "telemetry", device: "Demo device", points: 2, keys: ["a", "b"] }),
    expect.objectContaining({ event: "device.disconnected", reason: "server stopped" }),
  ]);
});

test("for people it says what it is and where, then one line per event", async () => {
  const server = new ServerProcess(["--mqtt-port", "0", "--http-port", "0", "--state", state]);
  const head = (await server.lines(5)).join("\n");
  expect(head).toContain("development server, on loopback only");
  expect(head).toMatch(/page +http:\/\/127\.0\.0\.1:\d+\//);
  const [, port] = /mqtt:\/\/127\.0\.0\.1:(\d+), access token xsthing-demo/.exec(head) ?? [];
  const client = await RawClient.login(Number(port), "xsthing-demo");
  expect((await server.lines(6))[5]).toMatch(/ device\.connected +device="Demo device" clientId=raw remote=127/);
  client.destroy();
});
