// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from "node:crypto";
import type { ProvisioningConfig } from "./provisioning-config.js";

/** Reads the first certificate of a PEM text. @returns undefined: there is none */
export function firstCertificate(pem: string): X509Certificate | undefined {
  const [first] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/) ?? [];
  try {
    return first ? new X509Certificate(first) : undefined;
  } catch {
    return undefined;
  }
}

export function commonNameOf(certificate: X509Certificate): string | undefined {
  return /^CN=(.*)$/m.exec(certificate.subject ?? "")?.[1];
}

/** Whether the authority of a configuration signed the certificate itself, and it is in its time. */
export function isSignedFor(config: ProvisioningConfig, certificate: X509Certificate, now: number): boolean {
  const authority = new X509Certificate(config.authority);
  if (certificate.issuer !== authority.subject || !certificate.verify(authority.publicKey)) return false;
  if (config.ignoresExpiry) return true;
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}
