// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { choice, flag, mqttAddress, type Option, required, text, UsageError, type Values } from "./options.js";

/** The whole text of a file. */
const file: Option<string> = {
  type: "string",
  read: (name, raw) => {
    try {
      return readFileSync(raw, "utf8");
    } catch (error) {
      throw new UsageError(`--${name}: ${(error as Error).message}`);
    }
  },
};

/** Options that say where the server is and who the device is there. */
export const settingsOptions = {
  server: mqttAddress,
  platform: choice("thingsboard", "openremote"),
  /** PEM, with an address of the form mqtts://. */
  ca: file,
  "server-name": text,
  token: text,
  "client-id": text,
  "user-name": text,
  password: text,
  certificate: file,
  "private-key": file,
  "provision-key": text,
  "provision-secret": text,
  "provision-credentials": choice("server", "device"),
  "when-refused": choice("retry", "reprovision"),
  "device-name": text,
  realm: text,
  "asset-id": text,
  /** The common name in the certificate by which OpenRemote makes the device known. */
  "unique-id": text,
  "gateway-api": flag,
  "command-attribute": text,
  "result-attribute": text,
  /** Names with commas between them. */
  reports: text,
} as const;

/** What has a meaning on one platform only. */
const thingsBoardOptions = [
  ...(["token", "private-key", "provision-key", "provision-secret", "provision-credentials"] as const),
  ...(["when-refused", "device-name"] as const),
] as const;
const openRemoteOptions = [
  ...(["realm", "asset-id", "unique-id", "gateway-api", "command-attribute", "result-attribute", "reports"] as const),
] as const;

/** The attributes by which OpenRemote calls a device, where the command line names no others. */
const commandAttributes = Object.freeze({ command: "command", result: "commandResult" } as const);

/** By a certificate, and by the Gateway API, the whole asset comes as one message: some 150 attributes. */
const assetLength = 16_384;

export type SettingsValues = Values<typeof settingsOptions>;

/** What `modules/device/config.ts` asks for, from the command line. */
export function settingsOf(values: SettingsValues) {
  const { host, port, isSecure } = required(values.server, "server");
  if (values.platform === "openremote") return openRemoteSettingsOf(values);
  refuse(values, openRemoteOptions, "needs --platform=openremote");
  const given = credentialsOf(values);
  const isProvisioned = values["provision-key"] !== undefined || values["provision-secret"] !== undefined;
  // What would have no effect is a mistake: above all an authority for a session in the clear.
  if (!isSecure) refuse(values, ["ca", "server-name"], "needs --server=mqtts://…");
  if (!isProvisioned) refuse(values, ["provision-credentials", "when-refused", "device-name"], "needs --provision-key");
  else if (given !== undefined) refuse(values, ["provision-credentials"], "not together with credentials");
  if (given === undefined && !isProvisioned) required(values.token, "token");
  return Object.freeze({
    server: { host, port, ...(isSecure && { tls: tlsOf(values) }) },
    ...(isProvisioned ? { provisioning: provisioningOf(values, given) } : { credentials: given }),
    wifi: Object.freeze([Object.freeze({ SSID: "simulated" })]),
  });
}

function openRemoteSettingsOf(values: SettingsValues) {
  const { host, port, isSecure } = required(values.server, "server");
  if (!isSecure) refuse(values, ["ca", "server-name"], "needs --server=mqtts://…");
  refuse(values, thingsBoardOptions, "is ThingsBoard's");
  const { realm, certificate, password, reports } = values;
  const clientId = values["client-id"];
  const uniqueId = values["unique-id"];
  if (uniqueId === undefined) refuse(values, ["certificate"], "needs --unique-id");
  else refuse(values, ["realm", "asset-id", "user-name", "password"], "not together with --unique-id");
  const { command, result } = commandAttributes;
  // An asset without such attributes is never called, and so nothing is written to the other.
  const rpc = { command: values["command-attribute"] ?? command, result: values["result-attribute"] ?? result };
  const common = defined({ rpc, gatewayApi: values["gateway-api"], reports: reports?.split(",") });
  const own =
    uniqueId === undefined
      ? {
          openremote: { ...common, realm: required(realm, "realm"), assetId: required(values["asset-id"], "asset-id") },
          credentials: {
            userName: required(values["user-name"], "user-name"),
            password: required(password, "password"),
            ...defined({ clientId }),
          },
        }
      : {
          openremote: {
            ...common,
            provisioning: { uniqueId, certificate: required(certificate, "certificate"), ...defined({ clientId }) },
          },
        };
  return Object.freeze({
    server: { platform: "openremote", host, port, ...(isSecure && { tls: tlsOf(values) }) },
    ...own,
    session: { receiveBuffer: assetLength },
    wifi: Object.freeze([Object.freeze({ SSID: "simulated" })]),
  });
}

function refuse(values: SettingsValues, names: readonly (keyof SettingsValues)[], why: string): void {
  for (const name of names) if (values[name] !== undefined) throw new UsageError(`--${name}: ${why}`);
}

function tlsOf(values: SettingsValues) {
  const ca = required(values.ca, "ca");
  const serverName = values["server-name"];
  return serverName === undefined ? { ca } : { ca, serverName };
}

function provisioningOf(values: SettingsValues, given: object | undefined) {
  return {
    key: required(values["provision-key"], "provision-key"),
    secret: required(values["provision-secret"], "provision-secret"),
    ...defined({
      credentials: given ?? values["provision-credentials"],
      deviceName: values["device-name"],
      whenRefused: values["when-refused"],
    }),
  };
}

function credentialsOf(values: SettingsValues): object | undefined {
  const { token, password, certificate } = values;
  const members = defined({
    ...{ token, clientId: values["client-id"], userName: values["user-name"], password },
    ...{ certificate, privateKey: values["private-key"] },
  });
  return Object.keys(members).length > 0 ? members : undefined;
}

function defined(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
