// SPDX-License-Identifier: Apache-2.0
// The fields of the configuration that say where the server is, and who the device is there.

import type { Credentials } from "../cloud/credentials.js";
import { integer } from "../core/integer.js";
import { choice, section, text } from "./config-fields.js";

/** Whose wire the server speaks. */
export type Platform = "thingsboard" | "openremote";

export interface ServerConfig {
  /** Default "thingsboard". "openremote" needs `config.openremote`. */
  readonly platform?: Platform;
  /** Host name or address, 1 to 253 characters. */
  readonly host: string;
  /** TCP port, 1 to 65535. Default 1883, with `tls` 8883. */
  readonly port?: number;
  /** Present: the session goes over TLS. */
  readonly tls?: {
    /** PEM of the certificate authorities that are trusted; no other is. */
    readonly ca: string;
    /** Name in the server's certificate. Default: the host. */
    readonly serverName?: string;
  };
}

/** ThingsBoard's access token, 1 to 32 characters there; up to 256 are accepted. */
export interface TokenConfig {
  readonly token: string;
}

/** OpenRemote's service user: secret, and the identifier of the connection, which is the identity of the device by default. */
export interface ServiceUserConfig {
  /** Without the realm, and without the prefix "service-account-". */
  readonly userName: string;
  readonly password: string;
  /** 1 to 42 characters, without / + # . * \\. */
  readonly clientId?: string;
}

/** Basic MQTT credentials, 1 to 256 characters each: client identifier, or user name and password, or all three. */
export interface BasicConfig {
  readonly clientId?: string;
  readonly userName?: string;
  readonly password?: string;
}

/** The device's own certificate and its key, both PEM; only with `server.tls`. */
export interface CertificateConfig {
  readonly certificate: string;
  readonly privateKey: string;
}

export type CredentialsConfig = TokenConfig | BasicConfig | ServiceUserConfig | CertificateConfig;

export interface ProvisioningConfig {
  /** Provision device key and secret of the device profile, 1 to 256 characters. */
  readonly key: string;
  readonly secret: string;
  /**
   * 1 to 255 characters, not all of them blank. Default: the identity of the device. "" lets the server choose a name, another one
   * each time.
   */
  readonly deviceName?: string;
  /** Whether the server makes a gateway of it. Default false. */
  readonly gateway?: boolean;
  /**
   * Who makes the credentials: the device a random access token ("device", the default), the server one ("server"), or they are
   * those that are given here. The server tells its own only once: when its reply is lost, an operator has to help; the others are
   * known to the device anyway. A device that was entered in advance gets the credentials it has there, told only once, too.
   */
  readonly credentials?: "server" | "device" | CredentialsConfig;
  /**
   * What becomes of credentials that the server once accepted and refuses now: they are tried for ever ("retry", the default), or
   * after every five refusals the device asks to be provisioned again and goes back to them where that fails ("reprovision").
   */
  readonly whenRefused?: "retry" | "reprovision";
}

export interface CompleteServer {
  readonly platform: Platform;
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly ca: string; readonly serverName: string } | undefined;
}

export interface CompleteProvisioning {
  readonly key: string;
  readonly secret: string;
  readonly deviceName: string | undefined;
  readonly gateway: boolean;
  readonly credentials: "server" | "device" | Credentials;
  readonly whenRefused: "retry" | "reprovision";
}

const maxPemLength = 16_384;

export function completeServer(value: unknown): CompleteServer {
  const server = section(value, "config.server", ["platform", "host", "port", "tls"]);
  const platform = choice(server.platform ?? "thingsboard", "config.server.platform", ["thingsboard", "openremote"]);
  const host = text(server.host, "config.server.host", 1, 253);
  const isSecure = server.tls !== undefined;
  const port = integer(server.port ?? (isSecure ? 8883 : 1883), "config.server.port", 1, 65_535);
  if (!isSecure) return Object.freeze({ platform, host, port, tls: undefined });
  const tls = section(server.tls, "config.server.tls", ["ca", "serverName"]);
  const ca = text(tls.ca, "config.server.tls.ca", 1, maxPemLength);
  const serverName = text(tls.serverName ?? host, "config.server.tls.serverName", 1, 253);
  return Object.freeze({ platform, host, port, tls: Object.freeze({ ca, serverName }) });
}

export function completeCredentials(value: unknown, path: string, isSecure: boolean): Credentials {
  const fields = section(value, path, ["token", "clientId", "userName", "password", "certificate", "privateKey"]);
  const { token, clientId, userName, password, certificate, privateKey } = fields;
  const hasBasic = clientId !== undefined || userName !== undefined || password !== undefined;
  const hasCertificate = certificate !== undefined || privateKey !== undefined;
  if (Number(token !== undefined) + Number(hasBasic) + Number(hasCertificate) > 1)
    throw new RangeError(
      `${path}: of more than one kind: token; clientId, userName, password; certificate, privateKey`,
    );
  if (hasCertificate) {
    if (!isSecure) throw new RangeError(`${path}.certificate: needs config.server.tls`);
    return Object.freeze({
      type: "X509_CERTIFICATE",
      certificate: text(certificate, `${path}.certificate`, 1, maxPemLength),
      privateKey: text(privateKey, `${path}.privateKey`, 1, maxPemLength),
    });
  }
  if (!hasBasic) return Object.freeze({ type: "ACCESS_TOKEN", token: text(token, `${path}.token`, 1, 256) });
  if (userName === undefined && password !== undefined) throw new TypeError(`${path}.password: needs a userName`);
  return Object.freeze({
    type: "MQTT_BASIC",
    clientId: optional(clientId, `${path}.clientId`),
    userName: optional(userName, `${path}.userName`),
    password: optional(password, `${path}.password`),
  });
}

export function completeProvisioning(value: unknown, path: string, isSecure: boolean): CompleteProvisioning {
  const names = ["key", "secret", "deviceName", "gateway", "credentials", "whenRefused"];
  const { key, secret, deviceName, gateway = false, credentials = "device", whenRefused } = section(value, path, names);
  if (typeof gateway !== "boolean") throw new TypeError(`${path}.gateway: not a boolean`);
  const name = deviceName === undefined ? undefined : text(deviceName, `${path}.deviceName`, 0, 255);
  if (name !== undefined && name !== "" && name.trim() === "") throw new RangeError(`${path}.deviceName: blank`);
  return Object.freeze({
    key: text(key, `${path}.key`, 1, 256),
    secret: text(secret, `${path}.secret`, 1, 256),
    deviceName: name,
    gateway,
    credentials:
      typeof credentials === "string"
        ? choice(credentials, `${path}.credentials`, ["server", "device"])
        : completeCredentials(credentials, `${path}.credentials`, isSecure),
    whenRefused: choice(whenRefused ?? "retry", `${path}.whenRefused`, ["retry", "reprovision"]),
  });
}

function optional(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : text(value, path, 1, 256);
}
