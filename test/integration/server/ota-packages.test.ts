import { expect, test } from "@jest/globals";
import { startFixture } from "./fixture.js";
import { change, createPackage, describePackage, image } from "./ota-package.js";
import { profileBody } from "./profile.js";

const unknownId = "00000000-0000-0000-0000-000000000000";

async function failure(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { message: string }).message];
}

test("a package is described, filled, downloaded and deleted", async () => {
  const { rest } = await startFixture();
  const { id: profileId } = await rest.call("GET", "/deviceProfileInfo/default");
  const described = await describePackage(rest, { more: { tag: "t", additionalInfo: { description: "d" } } });
  expect(described).toEqual({
    id: { entityType: "OTA_PACKAGE", id: expect.any(String) },
    createdTime: expect.any(Number),
    tenantId: expect.objectContaining({ entityType: "TENANT" }),
    deviceProfileId: profileId,
    type: "FIRMWARE",
    title: "app",
    name: "app",
    version: "1.10",
    tag: "t",
    url: null,
    hasData: false,
    fileName: null,
    contentType: null,
    checksumAlgorithm: null,
    checksum: null,
    dataSize: null,
    externalId: null,
    additionalInfo: { description: "d" },
  });
  const path = `/otaPackage/${described.id.id}`;
  expect((await rest.fetch("GET", `${path}/download`)).status).toBe(400);
  const data = image(100_000);
  const filled = (await (await rest.upload(`${path}?checksumAlgorithm=MD5`, data, "größe.bin")).json()) as object;
  const file = { fileName: "größe.bin", contentType: "application/octet-stream", dataSize: 100_000, hasData: true };
  expect(filled).toEqual({ ...described, ...file, checksumAlgorithm: "MD5", checksum: expect.any(String) });
  expect(await rest.call("GET", `/otaPackage/info/${described.id.id}`)).toEqual(filled);
  expect(await rest.call("GET", path)).toEqual({ ...filled, data: data.toString("base64") });
  const response = await rest.fetch("GET", `${path}/download`);
  expect(Buffer.from(await response.arrayBuffer()).equals(data)).toBe(true);
  expect(response.headers.get("content-disposition")).toBe("attachment;filename=gr??e.bin");
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  await rest.call("DELETE", path);
  expect(await failure(await rest.fetch("GET", path))).toEqual([
    404,
    `Ota package with id [${described.id.id}] is not found`,
  ]);
});

test("packages are listed, and those that can be assigned by profile and type", async () => {
  const { rest } = await startFixture();
  const full = await createPackage(rest, image(9));
  const url = await describePackage(rest, { title: "far", more: { usesUrl: true, url: "http://127.0.0.1/a" } });
  const empty = await describePackage(rest, { title: "empty" });
  const software = await createPackage(rest, image(9), { title: "mod", type: "SOFTWARE" });
  const all = await rest.call("GET", "/otaPackages?pageSize=10&page=0");
  expect(all).toEqual({ data: [full, url, empty, software], totalPages: 1, totalElements: 4, hasNext: false });
  const { id } = await rest.call("GET", "/deviceProfileInfo/default");
  const assignable = await rest.call("GET", `/otaPackages/${id.id}/FIRMWARE?pageSize=10&page=0`);
  expect(assignable.data).toEqual([full, url]);
});

test("a file arrives unchanged with the parameters in the form as well as in the query", async () => {
  const { rest } = await startFixture();
  const { id } = await describePackage(rest);
  const fields = { checksumAlgorithm: "CRC32", checksum: "2639f4cb" };
  const response = await rest.upload(`/otaPackage/${id.id}`, Buffer.from("123456789"), "a", fields);
  expect(await response.json()).toMatchObject({ checksum: "2639f4cb", fileName: "a" });
});

test.each([
  ["no title", { title: "" }, "OtaPackage title should be specified!"],
  ["no version", { version: null }, "OtaPackage version should be specified!"],
  ["no type", { type: null }, "Type should be specified!"],
  ["an unknown type", { type: "BIOS" }, "'type' must be one of FIRMWARE, SOFTWARE"],
  ["an unknown profile", { deviceProfileId: { id: unknownId } }, "referencing to non-existent device profile!"],
  ["a long title", { title: "x".repeat(256) }, "title length must be equal or less than 255"],
  ["no URL", { usesUrl: true, url: " " }, "Ota package URL should be specified!"],
  ["title and version of another", { title: "taken" }, "OtaPackage with such title and version already exists!"],
  ["a size that is no number", { dataSize: "9" }, "'dataSize' must be an integer"],
])("a package with %s is refused", async (_, more, message) => {
  const { rest } = await startFixture();
  await describePackage(rest, { title: "taken" });
  const { id: deviceProfileId } = await rest.call("GET", "/deviceProfileInfo/default");
  const body = { type: "FIRMWARE", title: "app", version: "1.10", deviceProfileId, ...more };
  expect(await failure(await rest.fetch("POST", "/otaPackage", body))).toEqual([400, expect.stringContaining(message)]);
});

test("what a package is cannot be changed once it is said", async () => {
  const { rest } = await startFixture();
  const info = await createPackage(rest, image(9));
  const post = async (more: object): Promise<unknown> => {
    return failure(await rest.fetch("POST", "/otaPackage", { ...info, ...more }));
  };
  expect(await post({ version: "1.1" })).toEqual([400, "Updating otaPackage version is prohibited!"]);
  expect(await post({ tag: "t" })).toEqual([400, "Updating otaPackage tag is prohibited!"]);
  expect(await post({ dataSize: 8 })).toEqual([400, "Updating otaPackage data size is prohibited!"]);
  expect(await post({ fileName: null })).toEqual([400, "Updating otaPackage file name is prohibited!"]);
  const described = { ...info, additionalInfo: { description: "d" } };
  expect(await rest.call("POST", "/otaPackage", described)).toEqual(described);
  const path = `/otaPackage/${info.id.id}?checksumAlgorithm=SHA256`;
  expect((await rest.upload(path, image(9))).status).toBe(200);
  expect(await failure(await rest.upload(path, image(10)))).toEqual([400, expect.stringContaining("prohibited!")]);
  const url = await describePackage(rest, { title: "far", more: { usesUrl: true, url: "http://127.0.0.1/a" } });
  expect(await failure(await rest.upload(`/otaPackage/${url.id.id}?checksumAlgorithm=MD5`, image(9)))).toEqual([
    400,
    "Updating otaPackage URL is prohibited!",
  ]);
});

test("uploads that cannot be are refused", async () => {
  const { rest } = await startFixture();
  const { id } = await describePackage(rest);
  const path = `/otaPackage/${id.id}`;
  const upload = async (query: string, size = 9): Promise<unknown> => {
    return failure(await rest.upload(path + query, image(size)));
  };
  expect(await upload("")).toEqual([400, "Required request parameter 'checksumAlgorithm' is not present"]);
  expect(await upload("?checksumAlgorithm=SHA1")).toEqual([400, expect.stringContaining("No enum constant")]);
  expect(await upload("?checksumAlgorithm=MD5", 0)).toEqual([400, "OtaPackage data should be specified!"]);
  expect(await upload("?checksumAlgorithm=MD5", 50 * 1024 * 1024)).toEqual([413, "Maximum upload size exceeded"]);
  const bare = await rest.fetch("POST", `${path}?checksumAlgorithm=MD5`, "123456789");
  expect(await failure(bare)).toEqual([415, "Content-Type 'application/json' is not supported"]);
  const unknown = await rest.upload(`/otaPackage/${unknownId}?checksumAlgorithm=MD5`, image(9));
  expect(await failure(unknown)).toEqual([404, expect.stringContaining("is not found")]);
  expect(await rest.call("GET", `/otaPackage/info/${id.id}`)).toMatchObject({ hasData: false });
});

test("all packages together have a limit", async () => {
  const { rest } = await startFixture({ maxOtaPackagesInBytes: 2048 });
  await createPackage(rest, image(2000), { title: "first" });
  const { id } = await describePackage(rest);
  const upload = (size: number): Promise<Response> =>
    rest.upload(`/otaPackage/${id.id}?checksumAlgorithm=MD5`, image(size));
  expect(await failure(await upload(49))).toEqual([400, "Ota packages total size exceeds the maximum of 2 KB"]);
  expect((await upload(48)).status).toBe(200);
});

test.each(["FIRMWARE", "SOFTWARE"] as const)("%s that a device or a profile has stays", async (type) => {
  const { rest, deviceId } = await startFixture();
  const { id } = await createPackage(rest, image(9), { type });
  const member = type === "FIRMWARE" ? "firmwareId" : "softwareId";
  const what = type === "FIRMWARE" ? "otaPackage" : "software";
  const profile = await rest.call("GET", "/deviceProfileInfo/default");
  const owners = [
    ["device", deviceId, "devices"],
    ["deviceProfile", profile.id.id, "device profile"],
  ] as const;
  for (const [kind, ownerId, owner] of owners) {
    expect(await (await change(rest, kind, ownerId, { [member]: id })).json()).toMatchObject({ [member]: id });
    const message = `The ${what} referenced by the ${owner} cannot be deleted!`;
    expect(await failure(await rest.fetch("DELETE", `/otaPackage/${id.id}`))).toEqual([400, message]);
    await change(rest, kind, ownerId, { [member]: null });
  }
  await rest.call("DELETE", `/otaPackage/${id.id}`);
});

test("only a full package of the right type and profile can be assigned", async () => {
  const { rest, deviceId } = await startFixture();
  const { id: otherProfile } = await rest.call("POST", "/deviceProfile", profileBody());
  const empty = await describePackage(rest, { title: "empty" });
  const software = await createPackage(rest, image(9), { title: "mod", type: "SOFTWARE" });
  const foreign = await createPackage(rest, image(9), { title: "foreign", profileId: otherProfile });
  const assign = async (firmwareId: object): Promise<unknown> => {
    return failure(await change(rest, "device", deviceId, { firmwareId }));
  };
  expect(await assign({ id: unknownId })).toEqual([400, "Can't assign non-existent firmware!"]);
  expect(await assign(empty.id)).toEqual([400, "Can't assign firmware with empty data!"]);
  expect(await assign(software.id)).toEqual([400, "Can't assign firmware with type: SOFTWARE"]);
  expect(await assign(foreign.id)).toEqual([400, "Can't assign firmware with different deviceProfile!"]);
  const toProfile = await change(rest, "deviceProfile", otherProfile.id, { softwareId: software.id });
  expect(await failure(toProfile)).toEqual([400, "Can't assign software with different deviceProfile!"]);
  expect(await rest.call("GET", `/device/${deviceId}`)).toMatchObject({ firmwareId: null, softwareId: null });
});

test("with a profile its packages go", async () => {
  const { rest } = await startFixture();
  const { id: profileId } = await rest.call("POST", "/deviceProfile", profileBody());
  const { id } = await createPackage(rest, image(9), { profileId });
  await rest.call("DELETE", `/deviceProfile/${profileId.id}`);
  expect((await rest.fetch("GET", `/otaPackage/info/${id.id}`)).status).toBe(404);
});
