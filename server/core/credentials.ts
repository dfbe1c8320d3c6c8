import { randomInt } from "node:crypto";
import type { Credentials } from "../store/devices.js";
import { sha3, trimCertificate } from "./certificate.js";
import { RegistryError } from "./registry-error.js";

/** A member that is null or empty does not matter at a connect. */
export interface BasicCredentials {
  readonly clientId: string | null;
  readonly userName: string | null;
  readonly password: string | null;
}

export type NewCredentials =
  | { readonly credentialsType: "ACCESS_TOKEN"; readonly token: string }
  | { readonly credentialsType: "MQTT_BASIC"; readonly basic: BasicCredentials }
  | { readonly credentialsType: "X509_CERTIFICATE"; readonly certificate: string };

type StoredCredentials = Pick<Credentials, "credentialsType" | "credentialsId" | "credentialsValue">;

const randomLength = 20;
const alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * The form in which ThingsBoard stores credentials.
 * @throws {RegistryError} they are incomplete or an illegal combination
 */
export function storedCredentials(wanted: NewCredentials): StoredCredentials {
  const stored = formatCredentials(wanted);
  if (stored.credentialsId === "") throw new RegistryError("Device credentials id should be specified!");
  refuseControlCharacters("credentialsId", stored.credentialsId);
  return stored;
}

/** What ThingsBoard makes up for tokens and names: 20 letters and digits. */
export function randomAlphanumeric(): string {
  return Array.from({ length: randomLength }, () => alphanumerics[randomInt(alphanumerics.length)]).join("");
}

/** What MQTT_BASIC credentials with both, and a connecting client, are looked up by. */
export function basicCredentialsId(clientId: string, userName: string): string {
  return sha3([clientId, userName].filter((text) => text !== "").join("|"));
}

function formatCredentials(wanted: NewCredentials): StoredCredentials {
  const { credentialsType } = wanted;
  switch (wanted.credentialsType) {
    case "ACCESS_TOKEN":
      return { credentialsType, credentialsId: wanted.token, credentialsValue: null };
    case "MQTT_BASIC":
      return { credentialsType, ...formatBasic(wanted.basic) };
    case "X509_CERTIFICATE": {
      const certificate = trimCertificate(wanted.certificate);
      return { credentialsType, credentialsId: sha3(certificate), credentialsValue: certificate };
    }
  }
}

function formatBasic(basic: BasicCredentials): Omit<StoredCredentials, "credentialsType"> {
  const { clientId, userName, password } = basic;
  if (!clientId && !userName) throw new RegistryError("Both mqtt client id and user name are empty!");
  if (clientId && password && !userName) {
    throw new RegistryError("Password cannot be specified along with client id");
  }
  for (const [name, text] of Object.entries(basic)) refuseControlCharacters(name, text);
  const credentialsId = clientId ? basicCredentialsId(clientId, userName ?? "") : (userName ?? "");
  return { credentialsId, credentialsValue: JSON.stringify({ clientId, userName, password }) };
}

function refuseControlCharacters(name: string, text: string | null): void {
  if (text !== null && /\p{Cc}/u.test(text)) throw new RegistryError(`${name} must not contain control characters!`);
}
