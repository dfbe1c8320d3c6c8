import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import { type JsonObject, writeJson } from "../json/json.js";
import { checksumAlgorithms } from "../ota/checksum.js";
import type { PackageDraft } from "../ota/package-draft.js";
import { type OtaPackage, otaPackageTypes } from "../store/ota-packages.js";
import { entityId, tenantEntity } from "./entity.js";
import { badRequest, notFound } from "./errors.js";
import { limitUpload, uploadOf } from "./package-upload.js";
import { pageData } from "./page-data.js";
import { objectBody, oneOf, optionalInteger, optionalString, uuidOf } from "./request.js";

export function otaPackageRoutes({ store, packages }: ServerContext): Hono {
  const packageById = (id: string): OtaPackage => {
    const otaPackage = store.otaPackages.get(uuidOf(id));
    if (!otaPackage) throw notFound(`Ota package with id [${id}] is not found`);
    return otaPackage;
  };
  const titleOf = ({ title }: OtaPackage): string => title;
  return new Hono()
    .post("/otaPackage", async (c) => {
      const body = await objectBody(c);
      const id = entityId(body, "id");
      const before = id === undefined ? undefined : packageById(id);
      const draft = draftOf(body);
      return c.json(infoJson(before ? packages.update(before, draft) : packages.create(draft)));
    })
    .post("/otaPackage/:id", limitUpload, async (c) => {
      const upload = await uploadOf(c);
      return c.json(infoJson(packages.upload(packageById(c.req.param("id")), upload)));
    })
    .get("/otaPackage/:id", (c) => {
      const otaPackage = packageById(c.req.param("id"));
      const data = otaPackage.hasFile ? store.packageFiles.read(otaPackage.id).toString("base64") : null;
      return c.json({ ...infoJson(otaPackage), data });
    })
    .get("/otaPackage/info/:id", (c) => c.json(infoJson(packageById(c.req.param("id")))))
    .get("/otaPackage/:id/download", (c) => {
      const otaPackage = packageById(c.req.param("id"));
      return otaPackage.hasFile ? download(otaPackage, store.packageFiles.read(otaPackage.id)) : c.body(null, 400);
    })
    .delete("/otaPackage/:id", (c: Context) => {
      packages.delete(packageById(c.req.param("id") ?? ""));
      return c.body(null, 200);
    })
    .get("/otaPackages", (c) => c.json(pageData(c, store.otaPackages.all(), titleOf, infoJson)))
    .get("/otaPackages/:profileId/:type", (c) => {
      const profileId = uuidOf(c.req.param("profileId"));
      const type = c.req.param("type");
      const assignable = store.otaPackages.all().filter((one) => {
        return one.deviceProfileId === profileId && one.type === type && hasData(one);
      });
      return c.json(pageData(c, assignable, titleOf, infoJson));
    });
}

/** What a device or a profile says of its package. */
export function packageEntity(packageId: string | null): object | null {
  return packageId === null ? null : { entityType: "OTA_PACKAGE", id: packageId };
}

function draftOf(body: JsonObject): PackageDraft {
  const type = oneOf(body, "type", otaPackageTypes);
  if (!type) throw badRequest("Type should be specified!");
  const url = optionalString(body, "url") ?? null;
  if (body.get("usesUrl") === true && !url?.trim()) throw badRequest("Ota package URL should be specified!");
  const info = body.get("additionalInfo") ?? null;
  return {
    type,
    title: optionalString(body, "title") ?? "",
    version: optionalString(body, "version") ?? "",
    tag: optionalString(body, "tag") ?? null,
    url,
    deviceProfileId: entityId(body, "deviceProfileId") ?? null,
    fileName: optionalString(body, "fileName") ?? null,
    contentType: optionalString(body, "contentType") ?? null,
    checksumAlgorithm: oneOf(body, "checksumAlgorithm", checksumAlgorithms) ?? null,
    checksum: optionalString(body, "checksum") ?? null,
    dataSize: optionalInteger(body, "dataSize") ?? null,
    additionalInfo: info === null ? null : writeJson(info),
  };
}

/** To ThingsBoard a URL is as good as a file. */
function hasData({ hasFile, url }: OtaPackage): boolean {
  return hasFile || url !== null;
}

function infoJson(otaPackage: OtaPackage): object {
  const { id, hasFile: _, deviceProfileId, title, additionalInfo, ...members } = otaPackage;
  return {
    ...members,
    id: { entityType: "OTA_PACKAGE", id },
    tenantId: tenantEntity,
    deviceProfileId: deviceProfileId === null ? null : { entityType: "DEVICE_PROFILE", id: deviceProfileId },
    title,
    name: title,
    hasData: hasData(otaPackage),
    externalId: null,
    additionalInfo: additionalInfo === null ? null : (JSON.parse(additionalInfo) as unknown),
  };
}

function download({ fileName, contentType }: OtaPackage, data: Buffer): Response {
  // What a header cannot carry arrives as a question mark, as from Java's servers.
  const name = (fileName ?? "").replace(/[^\x20-\x7e]/g, "?");
  const headers = {
    "Content-Disposition": `attachment;filename=${name}`,
    "x-filename": name,
    "Content-Type": contentType ?? "application/octet-stream",
    "Content-Length": String(data.length),
  };
  return new Response(new Uint8Array(data), { headers });
}
