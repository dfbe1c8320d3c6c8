import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateChain } from "../core/chain-provisioning.js";

/** What a client showed of itself in a TLS handshake. */
export interface ClientCertificate extends CertificateChain {
  /** The client's own, base64 of the DER. */
  readonly value: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * @returns undefined: the client showed none, which it need not
 * @throws {Error} a certificate of the chain is not signed by the next
 */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return undefined;
  const chain: string[] = [];
  for (let one: X509Certificate | undefined = leaf; one; one = signerOf(one)) chain.push(base64(one));
  return {
    value: base64(leaf),
    chain,
    commonName: [leaf.toLegacyObject().subject.CN].flat()[0] ?? "",
    notBefore: new Date(leaf.validFrom),
    notAfter: new Date(leaf.validTo),
  };
}

function signerOf(certificate: X509Certificate): X509Certificate | undefined {
  const signer = certificate.issuerCertificate;
  if (signer && !certificate.verify(signer.publicKey)) throw new Error("Invalid Chain of X509 Certificates.");
  return signer;
}

function base64(certificate: X509Certificate): string {
  return certificate.raw.toString("base64");
}
