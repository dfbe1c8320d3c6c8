import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** What a client showed of itself in a TLS handshake. */
export interface ClientCertificate {
  /** The leaf's, base64 of the DER. */
  readonly value: string;
  /** The leaf's and those that signed it, as far as the client sent them. */
  readonly chain: readonly string[];
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** @returns undefined: the client showed none, which it need not */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return undefined;
  const chain: string[] = [];
  for (let one: X509Certificate | undefined = leaf; one; one = one.issuerCertificate) chain.push(base64(one));
  return {
    value: base64(leaf),
    chain,
    commonName: /^CN=(.*)$/m.exec(leaf.subject)?.[1] ?? "",
    notBefore: new Date(leaf.validFrom),
    notAfter: new Date(leaf.validTo),
  };
}

function base64(certificate: X509Certificate): string {
  return certificate.raw.toString("base64");
}
