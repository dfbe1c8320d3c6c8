// SPDX-License-Identifier: Apache-2.0
// What is in a slot of this host: one line of JSON that says what it is, and a script.

import { crcEnd, crcStart, crcSteps } from "../../modules/core/crc32.js";
import { DeviceError } from "../../modules/core/errors.js";

export type ImageKind = "firmware" | "application";

export type EngineName = "xs" | "node";

export interface Image {
  readonly script: string;
  /** Bytes, with the first line. */
  readonly length: number;
}

interface Header {
  /** What names it an image. */
  readonly xsthing: ImageKind;
  readonly engine: EngineName;
  /** Bytes of the script, which begins behind the line. */
  readonly length: number;
  /** Of the script. */
  readonly crc32: number;
}

/** More than any header takes. */
const maxHeaderBytes = 256;
const lineEnd = 10;
const erased = 255;

export function formatImage(kind: ImageKind, engine: EngineName, script: string): Uint8Array {
  const body = Buffer.from(script);
  const header: Header = { xsthing: kind, engine, length: body.length, crc32: checksumOf(body) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/** Whether there is nothing where an image begins. */
export function isErased(bytes: Uint8Array): boolean {
  return bytes.subarray(0, maxHeaderBytes).every((byte) => byte === erased);
}

/**
 * The image at the beginning of `bytes`; anything may follow it. Throws `DeviceError` "image-refused" where there is no whole one, or
 * one of another kind or for another engine. `place` is for people.
 */
export function parseImage(bytes: Uint8Array, kind: ImageKind, engine: EngineName, place: string): Image {
  const refuse = (what: string): never => {
    throw new DeviceError("image-refused", `image-refused: ${place} ${what}`);
  };
  if (isErased(bytes)) return refuse("is empty");
  const end = bytes.subarray(0, maxHeaderBytes).indexOf(lineEnd);
  const header = end < 0 ? undefined : parseHeader(Buffer.from(bytes.subarray(0, end)).toString());
  if (header === undefined) return refuse("holds no image that npm run package made");
  if (header.xsthing !== kind) return refuse(`holds ${header.xsthing} where ${kind} belongs`);
  if (header.engine !== engine) return refuse(`holds an image for --engine ${header.engine}, this is ${engine}`);
  const script = bytes.subarray(end + 1, end + 1 + header.length);
  if (script.length < header.length) return refuse(`has ${script.length} of the script's ${header.length} bytes`);
  if (checksumOf(script) !== header.crc32) return refuse("is damaged: its CRC-32 is another");
  return { script: Buffer.from(script).toString(), length: end + 1 + script.length };
}

function checksumOf(bytes: Uint8Array): number {
  return crcEnd(crcSteps(crcStart, bytes, 0, bytes.length));
}

function parseHeader(line: string): Header | undefined {
  try {
    const header = JSON.parse(line);
    return typeof header.xsthing === "string" && Number.isInteger(header.length) && header.length >= 0
      ? header
      : undefined;
  } catch {
    return undefined;
  }
}
