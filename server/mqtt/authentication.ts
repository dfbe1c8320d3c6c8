import type { IConnectPacket } from "mqtt-packet";
import { sha3 } from "../core/certificate.js";
import type { ServerContext } from "../core/context.js";
import { type BasicCredentials, basicCredentialsId } from "../core/credentials.js";
import type { Credentials, Device } from "../store/devices.js";
import type { ClientCertificate } from "./client-certificate.js";

export interface Refusal {
  /** CONNACK return code of MQTT 3. */
  readonly code: 2 | 3 | 4 | 5;
  readonly reason: string;
}

export type Authentication = { readonly device: Device } | { readonly refusal: Refusal };

type Match = "valid" | "other client" | "wrong password";

/**
 * Finds the device a CONNECT belongs to. With a client certificate, user name and password do not matter.
 * @param isLegacy whether to refuse wrong user names with code 4, as ThingsBoard 3.5.0 alone did; others send 5
 */
export function authenticate(
  packet: IConnectPacket,
  certificate: ClientCertificate | undefined,
  context: ServerContext,
  isLegacy: boolean,
): Authentication {
  if (certificate) return authenticateCertificate(certificate, context);
  return admit(findCredentials(packet, context), context) ?? { refusal: refusalOf(packet, isLegacy) };
}

function authenticateCertificate(certificate: ClientCertificate, context: ServerContext): Authentication {
  const now = new Date();
  if (now < certificate.notBefore || now > certificate.notAfter)
    return unauthorized("the client certificate has expired or is not valid yet");
  const credentials = context.store.devices.byCredentialsId(sha3(certificate.value));
  const isCertificate = credentials?.credentialsType === "X509_CERTIFICATE";
  return (isCertificate && admit(credentials, context)) || unauthorized("unknown client certificate");
}

function unauthorized(reason: string): Authentication {
  return { refusal: { code: 5, reason } };
}

/** @returns undefined: there are no such credentials */
function admit(credentials: Credentials | undefined, { store, profiles }: ServerContext): Authentication | undefined {
  const device = credentials && store.devices.get(credentials.deviceId);
  if (!device) return undefined;
  const { transportType } = profiles.of(device);
  if (transportType === "DEFAULT" || transportType === "MQTT") return { device };
  return { refusal: { code: 3, reason: `the device's profile is for ${transportType}` } };
}

function findCredentials(packet: IConnectPacket, { store }: ServerContext): Credentials | undefined {
  const { clientId, username = "" } = packet;
  const byClient = store.devices.byCredentialsId(basicCredentialsId(clientId, username));
  if (byClient?.credentialsType === "MQTT_BASIC") {
    const match = basicMatch(byClient, packet);
    if (match === "valid") return byClient;
    if (match === "wrong password") return undefined;
  }
  if (username === "") return undefined;
  const byUserName = store.devices.byCredentialsId(username);
  if (byUserName?.credentialsType === "ACCESS_TOKEN") return byUserName;
  const isBasic = byUserName?.credentialsType === "MQTT_BASIC";
  return isBasic && basicMatch(byUserName, packet) === "valid" ? byUserName : undefined;
}

function basicMatch({ credentialsValue }: Credentials, packet: IConnectPacket): Match {
  const { clientId, userName, password } = JSON.parse(credentialsValue ?? "{}") as BasicCredentials;
  if (clientId && clientId !== packet.clientId) return "other client";
  if (userName && userName !== packet.username) return "other client";
  return !password || password === packet.password?.toString() ? "valid" : "wrong password";
}

function refusalOf({ clientId, username, password }: IConnectPacket, isLegacy: boolean): Refusal {
  const isAnonymous = !username && !password?.length;
  if (isLegacy && (username !== undefined || !isAnonymous)) return { code: 4, reason: "bad user name or password" };
  if (isAnonymous && clientId.trim() !== "") return { code: 2, reason: "unknown client id, and no user name" };
  return { code: 5, reason: isAnonymous ? "no credentials" : "unknown user name (access token) or wrong password" };
}
