// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Text } from "../core/ports.js";
import type { CertificateDialect, ProvisionedAsset, ProvisioningRefusal } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";
import { isAssetId, realmProblem } from "./openremote-names.js";
import { valuesOf } from "./openremote-news.js";

/** What each of the manager's words for a refusal means for the next attempt. */
const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["MESSAGE_INVALID", "provisioning-invalid"],
  ["CERTIFICATE_INVALID", "provisioning-invalid"],
  ["UNIQUE_ID_MISMATCH", "provisioning-invalid"],
  ["UNAUTHORIZED", "provisioning-refused"],
  ["FORBIDDEN", "provisioning-refused"],
  ["CONFIG_DISABLED", "provisioning-refused"],
  ["USER_DISABLED", "provisioning-refused"],
  ["ASSET_ERROR", "provisioning-refused"],
  ["SERVER_ERROR", "provisioning-failed"],
  ["SERVER_BUSY", "provisioning-failed"],
]);

/** OpenRemote's auto-provisioning: a certificate makes an anonymous connection that of a service user. */
export class OpenRemoteProvisioning implements CertificateDialect {
  readonly requestTopic: string;
  readonly responseTopic: string;
  /** Bytes of a request. In JSON each line break of the certificate takes two or four. */
  readonly requestLength: number;
  readonly #scanner: JsonScanner;
  readonly #certificate: string;

  constructor(text: Text, scanner: JsonScanner, uniqueId: string, certificate: string) {
    this.#scanner = scanner;
    this.#certificate = certificate;
    this.requestTopic = `provisioning/${uniqueId}/request`;
    this.responseTopic = `provisioning/${uniqueId}/response`;
    this.requestLength = text.byteLength(JSON.stringify({ type: "x509", cert: certificate }));
  }

  writeRequest(writer: JsonWriter): void {
    writer.beginObject();
    writer.name("type", true);
    writer.value("x509");
    writer.name("cert", true);
    writer.value(this.#certificate);
    writer.endObject();
  }

  readResponse(payload: Uint8Array, byteLength: number): ProvisionedAsset | ProvisioningRefusal {
    const root = this.#scanner.scan(payload, 0, byteLength);
    const response: ReadonlyMap<string, Json> = root instanceof Map ? root : nothing;
    const type = response.get("type");
    const error = response.get("error");
    if (type === "error" && typeof error === "string")
      return { reason: reasons.get(error) ?? "provisioning-failed", word: error };
    if (type !== "success") return { reason: "provisioning-failed", word: "neither success nor error" };
    const realm = response.get("realm");
    const asset = response.get("asset");
    if (!(asset instanceof Map))
      return { reason: "provisioning-refused", word: "success, but the realm makes no asset" };
    const assetId: unknown = asset.get("id");
    if (typeof assetId !== "string" || !isAssetId(assetId))
      return { reason: "provisioning-failed", word: "success, but without the id of an asset" };
    const problem = typeof realm === "string" ? realmProblem(realm) : "is missing";
    if (typeof realm !== "string" || problem !== undefined)
      return { reason: "provisioning-refused", word: `success, but the realm ${problem}` };
    return { realm, assetId, values: valuesOf(asset.get("attributes")) };
  }
}

const nothing: ReadonlyMap<string, Json> = new Map();
