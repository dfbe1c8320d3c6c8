import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { checksumAlgorithms } from "../ota/checksum.js";
import type { PackageUpload } from "../ota/package-registry.js";
import { badRequest, errorCodes, RestError } from "./errors.js";

/** Larger requests ThingsBoard refuses by default. */
const maxSize = 50 * 1024 * 1024;

export const limitUpload = bodyLimit({
  maxSize,
  onError: () => {
    throw new RestError(413, errorCodes.general, "Maximum upload size exceeded");
  },
});

/**
 * The file of a multipart form, and what the caller says of it in the query or in the form.
 * @throws {RestError} 400, 415
 */
export async function uploadOf(c: Context): Promise<PackageUpload> {
  const contentType = c.req.header("Content-Type") ?? "";
  if (!contentType.startsWith("multipart/form-data")) {
    throw new RestError(415, errorCodes.badRequest, `Content-Type '${contentType}' is not supported`);
  }
  const form = await formOf(c);
  const text = (name: string): string | undefined => c.req.query(name) ?? fieldOf(form, name);
  const algorithm = text("checksumAlgorithm");
  if (algorithm === undefined) throw badRequest("Required request parameter 'checksumAlgorithm' is not present");
  const file = form.get("file");
  if (!(file instanceof File)) throw badRequest("Required part 'file' is not present.");
  const checksumAlgorithm = checksumAlgorithms.find((one) => one === algorithm.toUpperCase());
  if (!checksumAlgorithm) {
    const name = "org.thingsboard.server.common.data.ota.ChecksumAlgorithm";
    throw badRequest(`No enum constant ${name}.${algorithm.toUpperCase()}`);
  }
  return {
    data: Buffer.from(await file.arrayBuffer()),
    fileName: file.name,
    contentType: file.type,
    checksumAlgorithm,
    checksum: text("checksum") ?? "",
  };
}

async function formOf(c: Context): Promise<FormData> {
  try {
    return await c.req.formData();
  } catch {
    throw badRequest("Failed to parse multipart servlet request");
  }
}

function fieldOf(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === "string" ? value : undefined;
}
