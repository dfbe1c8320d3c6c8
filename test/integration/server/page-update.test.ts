import { afterEach, expect, test } from "@jest/globals";
import { pause } from "../until.js";
import { type Fixture, startFixture } from "./fixture.js";
import { image } from "./ota-package.js";

/** The module of the page, which the browser has in JavaScript. */
interface PageUpdate {
  update(deviceId: string, what: { type: string; title: string; version: string; file: File }): Promise<void>;
  withdraw(deviceId: string, type: string): Promise<void>;
  updateText(values: object, type: string): string;
}

const page = (await import(new URL("../../../server/page/update.js", import.meta.url).pathname)) as PageUpdate;
const { fetch } = globalThis;

afterEach(() => {
  globalThis.fetch = fetch;
});

/** The page asks the server it came from. */
function browse({ server }: Fixture): void {
  globalThis.fetch = (path, options) => {
    const isOfPage = typeof path === "string" && path.startsWith("api/");
    return fetch(isOfPage ? `http://127.0.0.1:${server.httpPort}/${path}` : path, options);
  };
}

test("the page uploads a package, assigns it, shows how far the device is, and withdraws it", async () => {
  const fixture = await startFixture();
  const { rest, deviceId } = fixture;
  browse(fixture);
  const file = new File([image(5000)], "app.bin", { type: "application/octet-stream" });
  await page.update(deviceId, { type: "FIRMWARE", title: "app", version: "1.10", file });
  while ((await rest.latest(deviceId, "fw_state")).fw_state !== "INITIATED") await pause(10);
  expect(await rest.attributes(deviceId, "SHARED_SCOPE")).toMatchObject({ fw_version: "1.10", fw_size: 5000 });
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/timeseries/ANY`, {
    fw_state: "FAILED",
    fw_error: "checksum",
    current_fw_title: "app",
    current_fw_version: "1.0.0",
  });
  const values = await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries`);
  expect(page.updateText(values, "FIRMWARE")).toBe("runs app 1.0.0, target app 1.10, state FAILED, error checksum");
  expect(page.updateText(values, "SOFTWARE")).toBe("");
  const recovered = { ...values, fw_state: [{ value: "UPDATED" }] };
  expect(page.updateText(recovered, "FIRMWARE")).toBe("runs app 1.0.0, target app 1.10, state UPDATED");
  await page.withdraw(deviceId, "FIRMWARE");
  expect(await rest.attributes(deviceId, "SHARED_SCOPE")).toEqual({});
});

test("an upload that fails leaves no package in the way of the next", async () => {
  const fixture = await startFixture();
  browse(fixture);
  const what = { type: "SOFTWARE", title: "mod", version: "1", file: new File([], "mod.xsa") };
  await expect(page.update(fixture.deviceId, what)).rejects.toThrow("OtaPackage data should be specified!");
  expect(await fixture.rest.call("GET", "/otaPackages?pageSize=9&page=0")).toMatchObject({ totalElements: 0 });
});
