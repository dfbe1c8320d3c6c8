// SPDX-License-Identifier: Apache-2.0
// Credentials as a value of the key-value store: a JSON object.

import { type Credentials, isSameCredentials, isUsable } from "../cloud/credentials.js";
import type { Json } from "../cloud/json.js";
import { JsonScanner } from "../cloud/json-scanner.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { crcStart, crcStep } from "../core/crc32.js";
import { DeviceError } from "../core/errors.js";
import type { Text } from "../core/ports.js";

/** Longest value that every key-value store takes. A certificate of an elliptic curve and its key fit, those of RSA do not. */
const maxBytes = 1_984;

/** Stands for the credentials of the configuration where those are too long, and for no others that a later one may have. */
const referenceType = "CONFIGURED";

/** `configured` are the credentials of the configuration, if any. Throws `DeviceError` "storage-failed" where they are too long. */
export function encodeCredentials(
  text: Text,
  credentials: Credentials,
  configured: Credentials | undefined,
): Uint8Array {
  const writer = new JsonWriter(text, maxBytes);
  writer.tree(credentials);
  if (writer.hasOverflowed && configured !== undefined && isSameCredentials(credentials, configured)) {
    writer.reset();
    writer.tree({ type: referenceType, crc: checksum(text, configured) });
  }
  if (writer.hasOverflowed) throw new DeviceError("storage-failed", `more than ${maxBytes} bytes`);
  return writer.bytes.slice(0, writer.byteLength);
}

/** Undefined for anything else than usable credentials. */
export function decodeCredentials(
  text: Text,
  bytes: Uint8Array,
  configured: Credentials | undefined,
): Credentials | undefined {
  const value = new JsonScanner({ text }).scan(bytes, 0, bytes.length);
  if (!(value instanceof Map)) return undefined;
  const isReference = value.get("type") === referenceType;
  const isSame = configured !== undefined && value.get("crc") === checksum(text, configured);
  const credentials = isReference && isSame ? configured : credentialsOf(value);
  return credentials !== undefined && isUsable(credentials) ? credentials : undefined;
}

function checksum(text: Text, credentials: Credentials): number {
  const all = Object.values(credentials).join();
  const bytes = new Uint8Array(text.byteLength(all));
  text.encodeInto(all, bytes, 0);
  let crc = crcStart;
  for (let at = 0; at < bytes.length; at += 1) crc = crcStep(crc, bytes[at] as number);
  return crc;
}

function credentialsOf(members: ReadonlyMap<string, Json>): Credentials | undefined {
  const type = members.get("type");
  if (type === "ACCESS_TOKEN") return { type, token: textOf(members, "token") ?? "" };
  if (type === "X509_CERTIFICATE")
    return {
      type,
      certificate: textOf(members, "certificate") ?? "",
      privateKey: textOf(members, "privateKey") ?? "",
    };
  if (type !== "MQTT_BASIC") return undefined;
  return {
    type,
    clientId: textOf(members, "clientId"),
    userName: textOf(members, "userName"),
    password: textOf(members, "password"),
  };
}

function textOf(members: ReadonlyMap<string, Json>, name: string): string | undefined {
  const member = members.get(name);
  return typeof member === "string" ? member : undefined;
}
