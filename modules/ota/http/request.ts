// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../core/ports.js";
import type { HttpUrl } from "./url.js";

/** Asks for the bytes from `start` to before `end`, of what `tag` stands for, if it is known. */
export function encodeRequest(
  text: Text,
  url: HttpUrl,
  start: number,
  end: number,
  tag: string | undefined,
): Uint8Array {
  const condition = tag === undefined ? "" : `If-Range: ${tag}\r\n`;
  const request =
    `GET ${url.target} HTTP/1.1\r\nHost: ${url.authority}\r\nRange: bytes=${start}-${end - 1}\r\n${condition}` +
    "Accept-Encoding: identity\r\nUser-Agent: xsthing\r\nConnection: close\r\n\r\n";
  const bytes = new Uint8Array(text.byteLength(request));
  text.encodeInto(request, bytes, 0);
  return bytes;
}
