// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity, connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { TlsOptions } from "../../modules/core/ports.js";
import { checkTlsOptions } from "./tls-options.js";
import { tlsReason } from "./tls-reason.js";
import type { Transport } from "./transport.js";

/** Throws as `SecureSocketFactory` does. */
export function createTls(options: TlsOptions): Transport<TLSSocket> {
  checkTlsOptions(options);
  const secureContext = createContext(options);
  return {
    readyEvent: "secureConnect",
    open: ({ host, port }, sendLimit) => {
      const name = options.serverName ?? host;
      return connect({
        host,
        port,
        secureContext,
        // Addresses are checked, but not sent: RFC 6066 §3.
        servername: isIP(name) ? "" : name,
        checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
        // @types/node does not list it.
        ...({ highWaterMark: sendLimit } as object),
      });
    },
    reasonOf: ({ code, syscall }, { authorizationError }, progress) =>
      tlsReason({ ...progress, code, syscall, isVerification: Boolean(authorizationError) }),
  };
}

function createContext({ ca, certificate, privateKey }: TlsOptions): SecureContext {
  const authorities = certificatesOf(ca, "ca");
  const trust = { ca: authorities.map(String), allowPartialTrustChain: true, minVersion: "TLSv1.2" as const };
  if (certificate === undefined || privateKey === undefined) return createSecureContext(trust);
  const [own] = certificatesOf(certificate, "certificate");
  if (!own?.checkPrivateKey(keyOf(privateKey))) throw new RangeError("privateKey: not the certificate's");
  return createSecureContext({ ...trust, cert: certificate, key: privateKey });
}

function certificatesOf(pem: string, name: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new RangeError(`${name}: no certificate`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new RangeError(`${name}: not a certificate`);
  }
}

function keyOf(pem: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new RangeError("privateKey: not a key");
  }
}
