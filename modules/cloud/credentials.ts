// SPDX-License-Identifier: Apache-2.0

/** ThingsBoard's access token, the user name of the session. */
export interface AccessToken {
  readonly type: "ACCESS_TOKEN";
  readonly token: string;
}

/** Client identifier, or user name and password, or all three. */
export interface BasicCredentials {
  readonly type: "MQTT_BASIC";
  readonly clientId?: string | undefined;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
}

/** The device's own certificate, for a session over TLS. Both are PEM. */
export interface CertificateCredentials {
  readonly type: "X509_CERTIFICATE";
  readonly certificate: string;
  readonly privateKey: string;
}

/** By what a device proves to the server which one it is. The types have ThingsBoard's names. */
export type Credentials = AccessToken | BasicCredentials | CertificateCredentials;

/** Most characters of a token, an identifier, a user name or a password. */
const maxPartLength = 256;

/** Whether a session can be opened with them; what a server or a store hands out may be anything. */
export function isUsable(credentials: Credentials): boolean {
  if (credentials.type === "ACCESS_TOKEN") return isPart(credentials.token);
  if (credentials.type === "X509_CERTIFICATE") return credentials.certificate !== "" && credentials.privateKey !== "";
  const { clientId, userName, password } = credentials;
  // MQTT 3.1.1 §3.1.2.9: no password without a user name.
  if (userName === undefined && (clientId === undefined || password !== undefined)) return false;
  return isPart(clientId ?? "-") && isPart(userName ?? "-") && isPart(password ?? "-");
}

function isPart(part: string): boolean {
  return part !== "" && part.length <= maxPartLength;
}

/** What stands in a certificate's PEM between its first two lines of dashes, without line breaks: its DER in Base64. */
export function certificateBody(pem: string): string {
  const lines = pem.split("\n").map((line) => line.trim());
  const begin = lines.findIndex((line) => line.startsWith("-----BEGIN"));
  const end = lines.findIndex((line) => line.startsWith("-----END"));
  return lines.slice(begin + 1, end < 0 ? lines.length : end).join("");
}

export function isSameCredentials(one: Credentials, other: Credentials): boolean {
  if (one.type === "ACCESS_TOKEN") return other.type === one.type && other.token === one.token;
  if (one.type === "X509_CERTIFICATE")
    return other.type === one.type && certificateBody(other.certificate) === certificateBody(one.certificate);
  const isBasic = other.type === one.type;
  return (
    isBasic && other.clientId === one.clientId && other.userName === one.userName && other.password === one.password
  );
}
