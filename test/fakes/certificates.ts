// SPDX-License-Identifier: Apache-2.0

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { bitString, bytes, choice, context, integer, objectId, octetString, sequence, set, text, time } from "./der.js";

/** A certificate and its key, both PEM, as `node:tls` takes them. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface Validity {
  /** Default one hour ago. */
  readonly notBefore?: Date;
  /** Default one day from now. */
  readonly notAfter?: Date;
}

export interface CertificateRequest extends Validity {
  readonly commonName: string;
  /** Names and IPv4 addresses the certificate is good for; without it the certificate has no subjectAltName. */
  readonly hosts?: readonly string[];
}

/** A certificate authority that exists for a test. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** Makes a key and a certificate for it, good for servers and for clients. */
  issue(request: CertificateRequest): Identity;
  /** Makes an authority whose certificate is signed by this one. */
  issueAuthority(name: string, validity?: Validity): Authority;
}

interface KeyPair {
  readonly privateKey: KeyObject;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
}

interface Party {
  readonly name: string;
  readonly keys: KeyPair;
}

interface Subject extends Party, Validity {
  readonly extensions: readonly Buffer[];
}

const hour = 3_600_000;

const oid = {
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

/** Makes a self-signed authority with an EC P-256 key. Every call makes another key, also under the same name. */
export function makeAuthority(name: string, validity: Validity = {}): Authority {
  const keys = makeKeys();
  return authorityOf(
    { name, keys },
    certificateOf({ name, keys, ...validity, extensions: authorityExtensions }, { name, keys }),
  );
}

function authorityOf(issuer: Party, certificate: string): Authority {
  return {
    certificate,
    issue({ commonName, hosts = [], ...validity }) {
      const keys = makeKeys();
      const extensions = hosts.length > 0 ? [...leafExtensions, alternativeNames(hosts)] : leafExtensions;
      return {
        certificate: certificateOf({ name: commonName, keys, ...validity, extensions }, issuer),
        privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      };
    },
    issueAuthority(name, validity = {}) {
      const keys = makeKeys();
      return authorityOf(
        { name, keys },
        certificateOf({ name, keys, ...validity, extensions: authorityExtensions }, issuer),
      );
    },
  };
}

function makeKeys(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, publicKey: publicKey.export({ type: "spki", format: "der" }) };
}

/** RFC 5280 §4.1. @returns PEM */
function certificateOf(subject: Subject, issuer: Party): string {
  const { notBefore = new Date(Date.now() - hour), notAfter = new Date(Date.now() + 24 * hour) } = subject;
  const algorithm = sequence(objectId(oid.ecdsaWithSha256));
  const identifiers = [
    extension(oid.subjectKeyIdentifier, octetString(keyIdentifier(subject.keys))),
    extension(oid.authorityKeyIdentifier, sequence(choice(0, keyIdentifier(issuer.keys)))),
  ];
  const toBeSigned = sequence(
    context(0, integer(2)),
    integer(serialNumber()),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(subject.name),
    subject.keys.publicKey,
    context(3, sequence(...subject.extensions, ...identifiers)),
  );
  const signature = sign("sha256", toBeSigned, issuer.keys.privateKey);
  const base64 = sequence(toBeSigned, algorithm, bitString(signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})(?=.)/g, "$1\n")}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(objectId(id), ...(isCritical ? [bytes(0x01, Buffer.of(0xff))] : []), octetString(value));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectId(oid.commonName), text(commonName))));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 4 ? choice(7, Buffer.from(host.split(".").map(Number))) : choice(2, Buffer.from(host, "ascii")),
  );
  return extension(oid.subjectAltName, sequence(...names));
}

function keyIdentifier({ publicKey }: KeyPair): Buffer {
  return createHash("sha1").update(publicKey).digest();
}

/** Positive, and without a leading zero byte. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** BIT STRINGs of which the unused low bits are counted first: certificate and CRL signing, digital signature. */
const authorityUsage = bytes(0x03, Buffer.of(1, 0x06));
const leafUsage = bytes(0x03, Buffer.of(7, 0x80));

const authorityExtensions = [
  extension(oid.basicConstraints, sequence(bytes(0x01, Buffer.of(0xff))), true),
  extension(oid.keyUsage, authorityUsage, true),
];

const leafExtensions = [
  extension(oid.basicConstraints, sequence(), true),
  extension(oid.keyUsage, leafUsage, true),
  extension(oid.extendedKeyUsage, sequence(objectId(oid.serverAuth), objectId(oid.clientAuth))),
];
