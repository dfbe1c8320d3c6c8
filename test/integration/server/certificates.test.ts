import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type SecureContextOptions, type TLSSocket } from "node:tls";
import { expect, test } from "@jest/globals";
import { type Authority, type Identity, makeAuthority } from "../../fakes/certificates.js";

const day = 86_400_000;

interface Handshake {
  /** What the client has against the server: a code of OpenSSL's, or undefined. */
  readonly server: string | undefined;
  /** What the server has against the client. */
  readonly client: string | undefined;
}

/** Shakes hands over loopback, both sides presenting an identity and trusting an authority. */
async function shakeHands(server: Identity, client: Identity, trusted: Authority): Promise<Handshake> {
  const of = ({ certificate, privateKey }: Identity): SecureContextOptions => {
    return { cert: certificate, key: privateKey, ca: trusted.certificate };
  };
  const listener = createServer({ ...of(server), requestCert: true, rejectUnauthorized: false });
  const accepted = once(listener, "secureConnection") as Promise<[TLSSocket]>;
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...of(client) });
  try {
    const [[peer]] = await Promise.all([accepted, once(socket, "secureConnect")]);
    return { server: codeOf(socket), client: codeOf(peer) };
  } finally {
    socket.destroy();
    listener.close();
  }
}

/** Typed as an error, but a string at run time, except for a wrong host. */
function codeOf({ authorizationError }: TLSSocket): string | undefined {
  const error = authorizationError as unknown as string | { readonly code: string } | null;
  return (typeof error === "string" ? error : error?.code) ?? undefined;
}

const authority = makeAuthority("Test authority");
const good = authority.issue({ commonName: "server", hosts: ["localhost", "127.0.0.1"] });
const client = authority.issue({ commonName: "client" });

test("a certificate of the trusted authority is good on both sides", async () => {
  expect(await shakeHands(good, client, authority)).toEqual({ server: undefined, client: undefined });
});

test.each([
  [
    "of another authority of the same name",
    makeAuthority("Test authority").issue({ commonName: "server", hosts: ["127.0.0.1"] }),
    expect.stringMatching(/UNABLE_TO_/),
  ],
  [
    "that has expired",
    authority.issue({ commonName: "server", hosts: ["127.0.0.1"], notAfter: new Date(Date.now() - 1000) }),
    "CERT_HAS_EXPIRED",
  ],
  [
    "that is not valid yet",
    authority.issue({ commonName: "server", hosts: ["127.0.0.1"], notBefore: new Date(Date.now() + day) }),
    "CERT_NOT_YET_VALID",
  ],
  ["for another host", authority.issue({ commonName: "s", hosts: ["example.com"] }), "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["for another address", authority.issue({ commonName: "s", hosts: ["127.0.0.2"] }), "ERR_TLS_CERT_ALTNAME_INVALID"],
])("a certificate %s is told apart", async (_, server, code) => {
  expect(await shakeHands(server, client, authority)).toEqual({ server: code, client: undefined });
});

test("a client of another authority is told apart", async () => {
  const stranger = makeAuthority("Strangers").issue({ commonName: "client" });
  expect(await shakeHands(good, stranger, authority)).toMatchObject({ client: expect.stringMatching(/UNABLE_TO_/) });
});

test("a chain through a second authority is good when it is sent along", async () => {
  const middle = authority.issueAuthority("Middle");
  const leaf = middle.issue({ commonName: "server", hosts: ["127.0.0.1"] });
  const chain = { ...leaf, certificate: leaf.certificate + middle.certificate };
  expect(await shakeHands(chain, client, authority)).toMatchObject({ server: undefined });
  expect(await shakeHands(leaf, client, authority)).toMatchObject({ server: expect.stringMatching(/UNABLE_TO_/) });
});

test("what was asked for is in the certificate, beyond 2050 too", () => {
  const notBefore = new Date("2049-12-31T23:59:59Z");
  const notAfter = new Date("2050-01-01T00:00:00Z");
  const { certificate } = authority.issue({
    commonName: "Zoë",
    hosts: ["a.example", "10.1.2.200"],
    notBefore,
    notAfter,
  });
  const x509 = new X509Certificate(certificate);
  expect(x509.subject).toBe("CN=Zoë");
  expect(x509.issuer).toBe("CN=Test authority");
  expect(x509.subjectAltName).toBe("DNS:a.example, IP Address:10.1.2.200");
  expect([new Date(x509.validFrom), new Date(x509.validTo)]).toEqual([notBefore, notAfter]);
  expect([x509.ca, new X509Certificate(authority.certificate).ca]).toEqual([false, true]);
});
