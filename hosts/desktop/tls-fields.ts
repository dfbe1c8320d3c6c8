// SPDX-License-Identifier: Apache-2.0

import type { TlsOptions } from "../../modules/core/ports.js";
import type { WireReader, WireWriter } from "./wire.js";

/** What is absent is written as an empty text, which none of them can be. */
export function writeTls(writer: WireWriter, options: TlsOptions): WireWriter {
  const { ca, serverName = "", certificate = "", privateKey = "" } = options;
  return writer.text(ca).text(serverName).text(certificate).text(privateKey);
}

export function readTls(reader: WireReader): TlsOptions {
  const ca = reader.text();
  const serverName = reader.text();
  const certificate = reader.text();
  const privateKey = reader.text();
  return {
    ca,
    ...(serverName === "" ? {} : { serverName }),
    ...(certificate === "" ? {} : { certificate }),
    ...(privateKey === "" ? {} : { privateKey }),
  };
}
