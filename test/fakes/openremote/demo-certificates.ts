// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Identity, makeAuthority } from "../certificates.js";
import { uniqueId } from "./demo.js";

const validity = { notAfter: new Date("2045-01-01T00:00:00Z") };

export interface DemoCertificates {
  /** Files, PEM: what a device is given. */
  readonly authority: string;
  readonly deviceCertificate: string;
  /** PEM itself: what the manager trusts, and shows. */
  readonly trusted: string;
  readonly server: Identity;
}

/** Reads the certificates of the demo from a folder; those that are not there are made, all of them anew. */
export function demoCertificates(folder: string): DemoCertificates {
  const authority = join(folder, "ca.pem");
  const deviceCertificate = join(folder, "device.pem");
  const certificate = join(folder, "server.pem");
  const privateKey = join(folder, "server-key.pem");
  if (![authority, deviceCertificate, certificate, privateKey].every((path) => existsSync(path))) {
    mkdirSync(folder, { recursive: true });
    const demo = makeAuthority("xsthing demo", validity);
    const server = demo.issue({ commonName: "localhost", hosts: ["localhost", "127.0.0.1"], ...validity });
    writeFileSync(authority, demo.certificate);
    writeFileSync(deviceCertificate, demo.issue({ commonName: uniqueId, ...validity }).certificate);
    writeFileSync(certificate, server.certificate);
    writeFileSync(privateKey, server.privateKey, { mode: 0o600 });
  }
  const read = (path: string): string => readFileSync(path, "utf8");
  const server = { certificate: read(certificate), privateKey: read(privateKey) };
  return { authority, deviceCertificate, trusted: read(authority), server };
}
