import { createHash } from "node:crypto";

/** A certificate as ThingsBoard stores it: base64 of the DER, without what PEM puts around it. */
export function trimCertificate(pem: string): string {
  return pem.replace(/-----(?:BEGIN|END) CERTIFICATE-----|[\r\n]/g, "");
}

/** The single certificates of a PEM text, each with its markers. */
export function certificateChain(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/** What credentials are looked up by. PEM markers and line ends do not count, in whatever text. */
export function sha3(text: string): string {
  return createHash("sha3-256").update(trimCertificate(text)).digest("hex");
}
