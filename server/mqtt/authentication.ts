import type { IConnectPacket } from "mqtt-packet";
import { type BasicCredentials, sha3 } from "../core/registry.js";
import type { Credentials, Device, Devices } from "../store/devices.js";

export interface Refusal {
  /** CONNACK return code of MQTT 3. */
  readonly code: 2 | 3 | 4 | 5;
  readonly reason: string;
}

export type Authentication = { readonly device: Device } | { readonly refusal: Refusal };

/**
 * Finds the device a CONNECT belongs to.
 * @param isLegacy whether to refuse wrong user names with code 4, as ThingsBoard 3.5.0 alone did; others send 5
 */
export function authenticate(packet: IConnectPacket, devices: Devices, isLegacy: boolean): Authentication {
  const credentials = findCredentials(packet, devices);
  const device = credentials && devices.get(credentials.deviceId);
  return device ? { device } : { refusal: refusalOf(packet, isLegacy) };
}

function findCredentials(packet: IConnectPacket, devices: Devices): Credentials | undefined {
  const { clientId, username } = packet;
  if (!username) {
    const byClientId = devices.byCredentialsId(sha3(clientId));
    return byClientId && isBasicMatch(byClientId, packet) ? byClientId : undefined;
  }
  const byBoth = devices.byCredentialsId(sha3(`${clientId}|${username}`));
  if (byBoth?.credentialsType === "MQTT_BASIC") return isBasicMatch(byBoth, packet) ? byBoth : undefined;
  const byUsername = devices.byCredentialsId(username);
  if (byUsername?.credentialsType === "MQTT_BASIC") return isBasicMatch(byUsername, packet) ? byUsername : undefined;
  return byUsername;
}

function isBasicMatch({ credentialsType, credentialsValue }: Credentials, packet: IConnectPacket): boolean {
  if (credentialsType !== "MQTT_BASIC" || credentialsValue === null) return false;
  const { clientId, userName, password } = JSON.parse(credentialsValue) as BasicCredentials;
  return (
    (!clientId || clientId === packet.clientId) &&
    (!userName || userName === packet.username) &&
    (!password || password === packet.password?.toString())
  );
}

function refusalOf({ clientId, username, password }: IConnectPacket, isLegacy: boolean): Refusal {
  const isAnonymous = !username && !password?.length;
  if (isLegacy && (username !== undefined || !isAnonymous)) return { code: 4, reason: "bad user name or password" };
  if (isAnonymous && clientId.trim() !== "") return { code: 2, reason: "unknown client id, and no user name" };
  return { code: 5, reason: isAnonymous ? "no credentials" : "unknown user name (access token) or wrong password" };
}
