// SPDX-License-Identifier: Apache-2.0

import type { BasicCredentials, Credentials } from "../cloud/credentials.js";
import { integer } from "../core/integer.js";
import type { AccessPoint, Milliseconds, Text } from "../core/ports.js";
import type { PackageName } from "../ota/target.js";
import { type CheckedRule, checkRule, type ReportRule } from "../telemetry/report-rule.js";
import { choice, octets, type Section, section } from "./config-fields.js";
import { type CompleteGateway, completeGateway, type GatewayConfig } from "./config-gateway.js";
import { type CompleteHealth, completeHealth, type HealthConfig } from "./config-health.js";
import {
  type CompleteOpenRemote,
  completeOpenRemote,
  completeServiceUser,
  defaultKeepAlive,
  longestKeepAlive,
  type OpenRemoteConfig,
} from "./config-openremote.js";
import { type CompleteOta, completeOta, completePackageName, type OtaConfig } from "./config-ota.js";
import {
  type CompleteProvisioning,
  type CompleteServer,
  type CredentialsConfig,
  completeCredentials,
  completeProvisioning,
  completeServer,
  type ProvisioningConfig,
  type ServerConfig,
} from "./config-server.js";

export interface DeviceConfig {
  readonly server: ServerConfig;
  /** Where the device is at home in an OpenRemote manager; with `server.platform` "openremote", and only then. */
  readonly openremote?: OpenRemoteConfig;
  /** Whose the device is from the start; or `provisioning`, not both. */
  readonly credentials?: CredentialsConfig;
  /** How the device gets credentials of its own from the server. */
  readonly provisioning?: ProvisioningConfig;
  /** Networks in order of preference, 1 to 8. */
  readonly wifi: readonly AccessPoint[];
  readonly session?: {
    /** Longest silence before the link is tested, 5 s to 10 min. Default 60 s. With OpenRemote up to 60 s, and by default 30 s. */
    readonly keepAlive?: Milliseconds;
    /** Largest packet that can be received, 512 to 65,536 bytes, all of it XS heap. Default 4,608. */
    readonly receiveBuffer?: number;
    /** Largest packet that can be sent, 512 to 65,536 bytes, twice of it XS heap. Default 4,096. */
    readonly transmitBuffer?: number;
  };
  readonly telemetry?: {
    /** Size of the queue in bytes of XS heap, 1,024 to 1,048,576. A numeric datum takes 3 to 16. Default 8,192. */
    readonly capacity?: number;
    /**
     * What happens when the queue is full: the oldest or the newest datum gives way, or the data move to the journal. Default "spill";
     * without a journal partition that is what `whenJournalFull` says.
     */
    readonly whenFull?: "drop-oldest" | "drop-newest" | "spill";
    /** What gives way when the journal is full: a block of the oldest data, or the newest datum. Default "drop-oldest". */
    readonly whenJournalFull?: "drop-oldest" | "drop-newest";
    /**
     * How long data wait in RAM before they are stored, while there is no session, 0 to 1 h; while there is one five times as long, or
     * as much longer than `maxAge` where that is more. Default 2 s.
     */
    readonly storeAfter?: Milliseconds;
    /** Percentage of the messages and of the server's limits for the journal's data, 1 to 100. Default 50. */
    readonly backlogShare?: number;
    /** Distinct keys, 1 to 255. Default 64. */
    readonly maxKeys?: number;
    /** Longest wait of a datum for company in its batch, 0 to 1 h. Default 1 s. */
    readonly maxAge?: Milliseconds;
    /** Most data in one batch, 1 to 1,000. Default 100. */
    readonly maxCount?: number;
    /** Report rules by key, at most `maxKeys`; see `Telemetry.setRule`. Default none: every datum is reported. */
    readonly rules?: Readonly<Record<string, ReportRule>>;
  };
  readonly health?: HealthConfig;
  /** For devices behind this one. */
  readonly gateway?: GatewayConfig;
  /** What this firmware is, for updates over the air: it takes packages of this title. Without it, it is not replaced. */
  readonly firmware?: PackageName;
  /** The same for its application code, where the platform replaces that on its own. */
  readonly software?: PackageName;
  readonly ota?: OtaConfig;
}

/** The configuration with every default filled in. */
export interface CompleteConfig {
  readonly server: CompleteServer;
  readonly openremote: CompleteOpenRemote | undefined;
  /** One of the two is there. With `openremote.provisioning` the credentials are a client identifier at the most. */
  readonly credentials: Credentials | undefined;
  readonly provisioning: CompleteProvisioning | undefined;
  readonly wifi: readonly AccessPoint[];
  readonly session: Readonly<Required<NonNullable<DeviceConfig["session"]>>>;
  readonly telemetry: Readonly<Required<Omit<NonNullable<DeviceConfig["telemetry"]>, "rules">>> & {
    readonly rules: ReadonlyMap<string, CheckedRule> | undefined;
  };
  readonly health: CompleteHealth;
  readonly gateway: CompleteGateway;
  readonly firmware: PackageName | undefined;
  readonly software: PackageName | undefined;
  readonly ota: CompleteOta;
}

/**
 * Checks the whole configuration before anything is touched, copies it and freezes the copy.
 * Throws `TypeError` for a missing field or a value of the wrong type, `RangeError` for a value out of range or a field
 * that does not exist; the message begins with the field's path.
 */
export function completeConfig(config: unknown, utf8: Text): CompleteConfig {
  const root = section(config, "config", [
    "server",
    "openremote",
    "credentials",
    "provisioning",
    "wifi",
    "session",
    "telemetry",
    "health",
    "gateway",
    "firmware",
    "software",
    "ota",
  ]);
  const server = completeServer(root.server);
  const isOpenRemote = server.platform === "openremote";
  const own = isOpenRemote ? openRemote(root) : undefined;
  if (!isOpenRemote && root.openremote !== undefined)
    throw new RangeError('config.openremote: needs config.server.platform "openremote"');
  if (!isOpenRemote && root.credentials === undefined && root.provisioning === undefined)
    throw new TypeError("config.credentials: missing, and so is config.provisioning");
  if (root.credentials !== undefined && root.provisioning !== undefined)
    throw new RangeError("config.provisioning: not together with config.credentials");
  const session = section(root.session ?? {}, "config.session", ["keepAlive", "receiveBuffer", "transmitBuffer"]);
  const receiveBuffer = integer(session.receiveBuffer ?? 4_608, "config.session.receiveBuffer", 512, 65_536);
  const telemetry = section(root.telemetry ?? {}, "config.telemetry", [
    "capacity",
    "whenFull",
    "whenJournalFull",
    "storeAfter",
    "backlogShare",
    "maxKeys",
    "maxAge",
    "maxCount",
    "rules",
  ]);
  const health = completeHealth(root.health);
  if (own !== undefined) checkReports(health, own.openremote);
  const maxKeys = integer(telemetry.maxKeys ?? 64, "config.telemetry.maxKeys", 1, 255);
  return Object.freeze({
    server,
    openremote: own?.openremote,
    credentials:
      own !== undefined || root.credentials === undefined
        ? own?.credentials
        : completeCredentials(root.credentials, "config.credentials", server.tls !== undefined),
    provisioning:
      root.provisioning === undefined
        ? undefined
        : completeProvisioning(root.provisioning, "config.provisioning", server.tls !== undefined),
    wifi: accessPoints(root.wifi, utf8),
    session: Object.freeze({
      keepAlive: integer(
        session.keepAlive ?? (isOpenRemote ? defaultKeepAlive : 60_000),
        "config.session.keepAlive",
        5_000,
        isOpenRemote ? longestKeepAlive : 600_000,
      ),
      receiveBuffer,
      transmitBuffer: integer(session.transmitBuffer ?? 4_096, "config.session.transmitBuffer", 512, 65_536),
    }),
    telemetry: Object.freeze({
      capacity: integer(telemetry.capacity ?? 8_192, "config.telemetry.capacity", 1_024, 1_048_576),
      whenFull: choice(telemetry.whenFull ?? "spill", "config.telemetry.whenFull", [
        "drop-oldest",
        "drop-newest",
        "spill",
      ]),
      whenJournalFull: choice(telemetry.whenJournalFull ?? "drop-oldest", "config.telemetry.whenJournalFull", [
        "drop-oldest",
        "drop-newest",
      ]),
      storeAfter: integer(telemetry.storeAfter ?? 2_000, "config.telemetry.storeAfter", 0, 3_600_000),
      backlogShare: integer(telemetry.backlogShare ?? 50, "config.telemetry.backlogShare", 1, 100),
      maxKeys,
      maxAge: integer(telemetry.maxAge ?? 1_000, "config.telemetry.maxAge", 0, 3_600_000),
      maxCount: integer(telemetry.maxCount ?? 100, "config.telemetry.maxCount", 1, 1_000),
      rules: telemetry.rules === undefined ? undefined : reportRules(telemetry.rules, maxKeys, utf8),
    }),
    health,
    gateway: completeGateway(root.gateway),
    firmware: completePackageName(root.firmware, "config.firmware", utf8),
    software: completePackageName(root.software, "config.software", utf8),
    ota: completeOta(root.ota, receiveBuffer, server.tls?.ca),
  });
}

/** What the device tells of itself, it tells to attributes that the asset has. */
function checkReports(health: CompleteHealth, { reports }: CompleteOpenRemote): void {
  if (health.logLevel !== "off" && !reports.includes("log"))
    throw new RangeError('config.health.logLevel: needs "log" in config.openremote.reports');
  if (health.period > 0 && reports.length === 0)
    throw new RangeError("config.health.period: needs vital signs in config.openremote.reports");
}

/** Throws for what OpenRemote has no counterpart for, too. */
function openRemote(root: Section): { openremote: CompleteOpenRemote; credentials: BasicCredentials } {
  if (root.provisioning !== undefined)
    throw new RangeError("config.provisioning: is ThingsBoard's; OpenRemote's is config.openremote.provisioning");
  for (const name of ["firmware", "software", "ota"])
    if (root[name] !== undefined) throw new RangeError(`config.${name}: OpenRemote offers no packages`);
  if (root.gateway !== undefined)
    throw new RangeError(
      "config.gateway: is ThingsBoard's; devices behind this one are assets to OpenRemote, see device.assets",
    );
  const openremote = completeOpenRemote(root.openremote);
  const { provisioning, realm } = openremote;
  if (provisioning !== undefined && root.credentials !== undefined)
    throw new RangeError("config.credentials: not together with config.openremote.provisioning");
  const anonymous: BasicCredentials = Object.freeze({ type: "MQTT_BASIC", clientId: openremote.clientId });
  const credentials = provisioning === undefined ? completeServiceUser(root.credentials, realm) : anonymous;
  return { openremote: { ...openremote, clientId: openremote.clientId ?? credentials.clientId }, credentials };
}

function reportRules(value: unknown, maxKeys: number, utf8: Text): ReadonlyMap<string, CheckedRule> {
  const path = "config.telemetry.rules";
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${path}: not an object`);
  const rules = new Map<string, CheckedRule>();
  for (const [key, rule] of Object.entries(value)) {
    if (key.trim() === "") throw new RangeError(`${path}: a blank key`);
    octets(key, `${path}.${key}`, 1, 255, utf8);
    rules.set(key, checkRule(rule, `${path}.${key}`));
  }
  if (rules.size > maxKeys) throw new RangeError(`${path}: ${rules.size} rules, not 0 to ${maxKeys}`);
  return rules;
}

function accessPoints(value: unknown, utf8: Text): readonly AccessPoint[] {
  if (value === undefined) throw new TypeError("config.wifi: missing");
  if (!Array.isArray(value)) throw new TypeError("config.wifi: not an array");
  if (value.length < 1 || value.length > 8) throw new RangeError(`config.wifi: ${value.length} networks, not 1 to 8`);
  return Object.freeze(value.map((item, index) => accessPoint(item, `config.wifi[${index}]`, utf8)));
}

/** By IEEE 802.11 an SSID has at most 32 octets; a passphrase has 8 to 63, and 64 are the key itself in hexadecimal. */
function accessPoint(value: unknown, path: string, utf8: Text): AccessPoint {
  const fields = section(value, path, ["SSID", "password"]);
  const SSID = octets(fields.SSID, `${path}.SSID`, 1, 32, utf8);
  if (fields.password === undefined) return Object.freeze({ SSID });
  return Object.freeze({ SSID, password: octets(fields.password, `${path}.password`, 8, 64, utf8) });
}
