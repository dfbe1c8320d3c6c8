import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { demoDevice, startServer } from "../../../server/server.js";
import { pause } from "../until.js";
import { startFixture } from "./fixture.js";
import { change, createPackage, describePackage, image } from "./ota-package.js";
import { RawClient } from "./raw-client.js";
import { RestClient } from "./rest-client.js";
import { killProcesses, startProcess } from "./server-process.js";

// Starting a process takes a loaded machine seconds.
jest.setTimeout(20_000);

const data = image(100_000);

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "xsthing-server-"));
});

afterEach(async () => {
  await killProcesses();
  rmSync(state, { recursive: true });
});

/** The log is rewritten at a start, so that what comes after it is read from the short form. */
async function compact(): Promise<void> {
  await (await startServer({ mqttPort: 0, httpPort: 0, state })).close();
}

const files = (): string[] => readdirSync(join(state, "packages"));

test("kill -9: packages, assignments and the states of updates are there after the restart", async () => {
  const first = await startProcess(state);
  const rest = await RestClient.login(first.httpPort);
  const firmware = await createPackage(rest, data, { algorithm: "MURMUR3_128", more: { tag: "t" } });
  const software = await describePackage(rest, { type: "SOFTWARE", title: "far", more: { usesUrl: true, url: "u" } });
  const deviceId = await rest.demoDeviceId();
  const { id: profileId } = await rest.call("GET", "/deviceProfileInfo/default");
  await change(rest, "deviceProfile", profileId.id, { softwareId: software.id });
  await change(rest, "device", deviceId, { firmwareId: firmware.id });
  await first.process.kill("SIGKILL");

  for (const _ of ["after the kill", "after the log was compacted"]) {
    const { process, httpPort, mqttPort } = await startProcess(state);
    const again = await RestClient.login(httpPort);
    expect((await again.call("GET", "/otaPackages?pageSize=9&page=0")).data).toEqual([firmware, software]);
    expect(await again.call("GET", `/device/${deviceId}`)).toMatchObject({ firmwareId: firmware.id });
    expect(await again.call("GET", `/deviceProfile/${profileId.id}`)).toMatchObject({ softwareId: software.id });
    expect(await again.latest(deviceId, "target_fw_title,target_fw_tag,target_sw_title")).toEqual({
      target_fw_title: "app",
      target_fw_tag: "t",
      target_sw_title: "far",
    });
    const client = await RawClient.login(mqttPort, demoDevice.token);
    client.publish("v2/fw/request/1/chunk/0", "");
    expect(Buffer.from((await client.next("publish")).payload).equals(data)).toBe(true);
    client.destroy();
    await process.kill("SIGKILL");
  }
});

test("kill -9 while an update is QUEUED: after the restart it is INITIATED", async () => {
  const first = await startProcess(state);
  const rest = await RestClient.login(first.httpPort);
  const deviceId = await rest.demoDeviceId();
  const { id } = await createPackage(rest, data);
  // One of the two waits for its turn, half a second.
  const software = await createPackage(rest, data, { type: "SOFTWARE", title: "mod" });
  await change(rest, "device", deviceId, { firmwareId: id, softwareId: software.id });
  await first.process.kill("SIGKILL");
  await compact();
  const again = await startFixture({ state });
  while ((await again.rest.latest(deviceId, "sw_state")).sw_state !== "INITIATED") await pause(10);
  expect(await again.rest.attributes(deviceId, "SHARED_SCOPE")).toMatchObject({ fw_title: "app", sw_title: "mod" });
  expect(await again.rest.history(deviceId, "sw_state")).toEqual(["QUEUED", "INITIATED"]);
  expect(await again.rest.history(deviceId, "fw_state")).toEqual(["QUEUED", "INITIATED"]);
});

test("an update that was told is not told again after a restart", async () => {
  const first = await startFixture({ state });
  const { id } = await createPackage(first.rest, data);
  await change(first.rest, "device", first.deviceId, { firmwareId: id });
  await first.event("ota.initiated");
  await first.server.close();
  const { rest, deviceId } = await startFixture({ state });
  await pause(100);
  expect(await rest.history(deviceId, "fw_state")).toEqual(["QUEUED", "INITIATED"]);
});

test("what is deleted stays so, and its file is gone", async () => {
  const first = await startFixture({ state });
  const kept = await createPackage(first.rest, data);
  const doomed = await createPackage(first.rest, data, { version: "2" });
  expect(files()).toHaveLength(2);
  await first.rest.call("DELETE", `/otaPackage/${doomed.id.id}`);
  expect(files()).toEqual([kept.id.id]);
  await first.server.close();
  const { rest } = await startFixture({ state });
  expect((await rest.call("GET", "/otaPackages?pageSize=9&page=0")).data).toEqual([kept]);
});

test("what a kill in the middle of an upload leaves behind is cleared away", async () => {
  const first = await startFixture({ state });
  const described = await describePackage(first.rest);
  await first.server.close();
  mkdirSync(join(state, "packages"));
  for (const name of [described.id.id, `${described.id.id}.new`]) writeFileSync(join(state, "packages", name), "torn");
  const { rest } = await startFixture({ state });
  expect(files()).toEqual([]);
  expect((await rest.upload(`/otaPackage/${described.id.id}?checksumAlgorithm=MD5`, data)).status).toBe(200);
});

test("a file that is damaged is named, not served", async () => {
  const first = await startFixture({ state });
  const { id } = await createPackage(first.rest, data);
  await first.server.close();
  truncateSync(join(state, "packages", id.id), 9);
  await expect(startServer({ mqttPort: 0, httpPort: 0, state })).rejects.toThrow(`${id.id} is missing or damaged`);
});

test("devices and profiles of a state from before there were packages have none", async () => {
  await compact();
  const journal = join(state, "journal.jsonl");
  writeFileSync(
    journal,
    readFileSync(journal, "utf8")
      .replaceAll(/"(firmware|software)Id":null,?/g, "")
      .replaceAll(",}", "}"),
  );
  expect(readFileSync(journal, "utf8")).not.toContain("firmwareId");
  const { rest, deviceId } = await startFixture({ state });
  expect(await rest.call("GET", `/device/${deviceId}`)).toMatchObject({ firmwareId: null, softwareId: null });
  const { id } = await rest.call("GET", "/deviceProfileInfo/default");
  expect(await rest.call("GET", `/deviceProfile/${id.id}`)).toMatchObject({ firmwareId: null, softwareId: null });
  expect(await rest.history(deviceId, "fw_state")).toEqual([]);
});
