import type { RestClient } from "./rest-client.js";

export interface PackageOptions {
  readonly type?: "FIRMWARE" | "SOFTWARE";
  readonly title?: string;
  readonly version?: string;
  /** Default: the demo device's. */
  readonly profileId?: object;
  /** Members of the description to add or to replace. */
  readonly more?: object;
  readonly algorithm?: string;
}

export interface PackageInfo {
  readonly id: { readonly entityType: string; readonly id: string };
  readonly checksum: string;
  readonly [member: string]: unknown;
}

/** Creates a package that has no bytes. */
export async function describePackage(rest: RestClient, options: PackageOptions = {}): Promise<PackageInfo> {
  const { type = "FIRMWARE", title = "app", version = "1.10", more } = options;
  const deviceProfileId = options.profileId ?? (await rest.call("GET", "/deviceProfileInfo/default")).id;
  return rest.call("POST", "/otaPackage", { type, title, version, deviceProfileId, ...more });
}

/** Creates a package and uploads its bytes. */
export async function createPackage(
  rest: RestClient,
  data: Uint8Array,
  options: PackageOptions = {},
): Promise<PackageInfo> {
  const { id } = await describePackage(rest, options);
  const path = `/otaPackage/${id.id}?checksumAlgorithm=${options.algorithm ?? "SHA256"}`;
  const response = await rest.upload(path, data);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as PackageInfo;
}

/** Posts a device or a profile back with other members. */
export async function change(
  rest: RestClient,
  kind: "device" | "deviceProfile",
  id: string,
  members: {
    readonly firmwareId?: object | null;
    readonly softwareId?: object | null;
    readonly deviceProfileId?: object;
  },
): Promise<Response> {
  return rest.fetch("POST", `/${kind}`, { ...(await rest.call("GET", `/${kind}/${id}`)), ...members });
}

/** Bytes in which no two places look alike. */
export function image(size: number): Buffer {
  const data = Buffer.alloc(size);
  for (let index = 0; index < size; index++) data[index] = (index * 31 + (index >> 8) * 7) & 0xff;
  return data;
}
