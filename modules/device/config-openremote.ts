// SPDX-License-Identifier: Apache-2.0
// The fields of the configuration of a device whose platform is OpenRemote.

import type { BasicCredentials } from "../cloud/credentials.js";
import type { Json } from "../cloud/json.js";
import {
  attributeNameProblem,
  bannedInClientId,
  bannedInUniqueId,
  isAssetId,
  levelProblem,
  maxClientIdLength,
  realmProblem,
} from "../cloud/openremote-names.js";
import type { CommandAttributes } from "../cloud/openremote-rpc.js";
import type { Milliseconds } from "../core/ports.js";
import { section, text } from "./config-fields.js";

export interface OpenRemoteConfig {
  /** 1 to 40 characters. Not with `provisioning`, which tells it. */
  readonly realm?: string;
  /** The device's asset, 22 letters and digits. Not with `provisioning`. */
  readonly assetId?: string;
  /**
   * The asset is found, or made, by the device's certificate, on each connection anew; in the place of `config.credentials`. Whoever has
   * the certificate is the device: use TLS.
   */
  readonly provisioning?: {
    /** The common name in the certificate. */
    readonly uniqueId: string;
    /** PEM. Signed by the authority that the realm trusts, itself. */
    readonly certificate: string;
    /** Of the connection. Default: the identity of the device. */
    readonly clientId?: string;
  };
  /** Attributes of JSON by which calls are made, see `CommandAttributes`. Default: there are no calls. */
  readonly rpc?: CommandAttributes;
  /** What the manager writes for the device when its connection breaks; not with `provisioning`. */
  readonly will?: { readonly attribute: string; readonly value: string | number | boolean | null };
  /**
   * Attributes of the asset for what the device tells of itself, up to 64: `log`, vital signs, `lastReset`, `reportRulesError`, `safeMode`,
   * `sharedErrors`. What is not listed is not told. Default none.
   */
  readonly reports?: readonly string[];
  /** Whether the manager has the MQTT Gateway API: operations on assets, and with them the values at every connect. Default false. */
  readonly gatewayApi?: boolean;
}

export interface CompleteOpenRemote {
  readonly clientId: string | undefined;
  /** Empty until it is told. */
  readonly realm: string;
  readonly assetId: string;
  readonly provisioning: { readonly uniqueId: string; readonly certificate: string } | undefined;
  readonly rpc: CommandAttributes | undefined;
  readonly will: { readonly attribute: string; readonly value: Json } | undefined;
  readonly reports: readonly string[];
  readonly gatewayApi: boolean;
}

/** The broker overrules a longer one, and tells nobody (MQTT 3.1.1 has no word for it). */
export const longestKeepAlive: Milliseconds = 60_000;

/** A device that has vanished is locked out for 1.5 times as long. */
export const defaultKeepAlive: Milliseconds = 30_000;

const path = "config.openremote";
const maxReports = 64;

/** The server sets them: what the device told of them would take the place of that. */
const readNames: readonly string[] = Object.freeze(["logLevel", "logRate", "reportRules"]);

/** Throws `TypeError` or `RangeError` naming the field. */
export function completeOpenRemote(value: unknown): CompleteOpenRemote {
  const fields = section(value, path, ["realm", "assetId", "provisioning", "rpc", "will", "reports", "gatewayApi"]);
  const { realm, assetId, gatewayApi = false } = fields;
  if (typeof gatewayApi !== "boolean") throw new TypeError(`${path}.gatewayApi: not a boolean`);
  const common = { rpc: commands(fields.rpc), reports: reports(fields.reports), gatewayApi };
  if (fields.provisioning === undefined)
    return Object.freeze({
      ...{ ...common, clientId: undefined, realm: realmName(realm), assetId: asset(assetId) },
      ...{ provisioning: undefined, will: will(fields.will) },
    });
  for (const name of ["realm", "assetId", "will"])
    if (fields[name] !== undefined) throw new RangeError(`${path}.${name}: not together with ${path}.provisioning`);
  const names = ["uniqueId", "certificate", "clientId"];
  const provisioning = section(fields.provisioning, `${path}.provisioning`, names);
  const where = `${path}.provisioning`;
  return Object.freeze({
    ...{ ...common, realm: "", assetId: "", will: undefined },
    clientId: provisioning.clientId === undefined ? undefined : clientIdOf(provisioning.clientId, `${where}.clientId`),
    provisioning: Object.freeze({
      uniqueId: level(provisioning.uniqueId, `${where}.uniqueId`, 64, bannedInUniqueId),
      certificate: text(provisioning.certificate, `${where}.certificate`, 1, 4_096),
    }),
  });
}

/** A service user's, as `config.credentials` has them; OpenRemote takes no others. */
export function completeServiceUser(value: unknown, realm: string): BasicCredentials {
  const at = "config.credentials";
  const fields = section(value, at, ["userName", "password", "clientId"]);
  const userName = level(fields.userName, `${at}.userName`, 200, "");
  return Object.freeze({
    type: "MQTT_BASIC",
    clientId: fields.clientId === undefined ? undefined : clientIdOf(fields.clientId, `${at}.clientId`),
    userName: `${realm}:${userName}`,
    password: text(fields.password, `${at}.password`, 1, 256),
  });
}

/** The client identifier is a level of every topic. */
export function clientIdOf(value: unknown, where: string): string {
  return level(value, where, maxClientIdLength, bannedInClientId);
}

function realmName(value: unknown): string {
  const realm = text(value, `${path}.realm`, 1, 256);
  const problem = realmProblem(realm);
  if (problem !== undefined) throw new RangeError(`${path}.realm: ${problem}`);
  return realm;
}

function level(value: unknown, where: string, max: number, banned: string): string {
  const string = text(value, where, 1, max);
  const problem = levelProblem(string, banned);
  if (problem !== undefined) throw new RangeError(`${where}: ${problem}`);
  return string;
}

function asset(value: unknown): string {
  const id = text(value, `${path}.assetId`, 1, 64);
  if (!isAssetId(id)) throw new RangeError(`${path}.assetId: not 22 letters and digits`);
  return id;
}

function attributeName(value: unknown, where: string): string {
  const name = text(value, where, 1, 256);
  const problem = attributeNameProblem(name);
  if (problem !== undefined) throw new RangeError(`${where}: ${problem}`);
  return name;
}

function commands(value: unknown): CommandAttributes | undefined {
  if (value === undefined) return undefined;
  const fields = section(value, `${path}.rpc`, ["command", "result"]);
  const command = attributeName(fields.command, `${path}.rpc.command`);
  const result = attributeName(fields.result, `${path}.rpc.result`);
  if (command === result) throw new RangeError(`${path}.rpc.result: the same attribute as command`);
  return Object.freeze({ command, result });
}

function will(value: unknown): CompleteOpenRemote["will"] {
  if (value === undefined) return undefined;
  const fields = section(value, `${path}.will`, ["attribute", "value"]);
  const attribute = attributeName(fields.attribute, `${path}.will.attribute`);
  const { value: told } = fields;
  const isJson = told === null || typeof told === "string" || typeof told === "boolean" || Number.isFinite(told);
  if (!isJson) throw new TypeError(`${path}.will.value: neither text, number, boolean nor null`);
  return Object.freeze({ attribute, value: told as Json });
}

function reports(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const where = `${path}.reports`;
  if (!Array.isArray(value)) throw new TypeError(`${where}: not an array`);
  if (value.length > maxReports) throw new RangeError(`${where}: ${value.length} names, not 0 to ${maxReports}`);
  return Object.freeze(
    value.map((name, index) => {
      if (readNames.includes(name)) throw new RangeError(`${where}[${index}]: ${name} is what the server sets`);
      return attributeName(name, `${where}[${index}]`);
    }),
  );
}
