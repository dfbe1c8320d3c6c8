// SPDX-License-Identifier: Apache-2.0

import { gatewayType } from "./asset.js";
import { idOf } from "./asset-id.js";
import type { AttributeSpec } from "./asset-spec.js";
import type { OpenRemote } from "./open-remote.js";

export const demoRealm = "master";

/** Public, as everything here: the manager listens on loopback only. */
const secret = "xsthing-demo";

/** What the certificate of the demo device is made out to, and so the name of the asset that is made for it. */
export const uniqueId = "thing-2";

/** Of the asset that is there from the start, and of its service user. */
const thing = { name: "thing", assetId: idOf("thing"), userName: "thing", clientId: "thing-1" };
const gateway = { name: "gateway", assetId: idOf("gateway") };

/** What a device is asked to tell of itself. The asset has attributes for all that there is. */
const reports = [
  ...["uptime", "bootCount", "queued", "stored", "disconnects", "loadAverage", "processMemory"],
  ...["lastReset", "safeMode", "sharedErrors", "log"],
];

const attributes = {
  /** Of the default application and of the examples, and vital signs. */
  number: [
    ...["uptime", "bootCount", "queued", "stored", "dropped", "refused", "quarantined", "disconnects", "rssi"],
    ...["provisioningAttempts", "temperature", "loadAverage", "processMemory", "heapUsed", "freeHeap"],
    ...["lowestFreeHeap", "largestFreeBlock", "xsSlots", "xsSlotsPeak", "xsChunks", "xsChunksPeak", "xsKeys"],
    "setpoint",
  ],
  text: [
    ...["model", "identity", "firmware", "resetReason", "log", "reportRulesError", "board", "setpointFrom"],
    ...["sntpServerInUse", "modeInUse"],
  ],
  boolean: ["safeMode", "door", "working", "hasServerName"],
  integer: ["periodInUse"],
  JSONObject: ["lastReset", "sharedErrors", "disconnectReasons", "commandResult"],
};

/** What is told to the device. */
const told = {
  text: ["logLevel", "sntp_server", "mode"],
  integer: ["period", "logRate"],
  JSONObject: ["command", "reportRules"],
};

/** A line that starts a device, to be typed. */
export interface DemoCommand {
  readonly name: "device" | "provisioned" | "gateway";
  /** For people. */
  readonly what: string;
  readonly line: string;
}

export interface DemoFiles {
  readonly authority: string;
  readonly deviceCertificate: string;
}

/** An asset for a device, one that a certificate brings forth, and a gateway, the same at every start. */
export function addDemo(manager: OpenRemote, authority: string): void {
  manager.addUser({ realm: demoRealm, username: thing.userName, secret });
  manager.addAsset({ realm: demoRealm, id: thing.assetId, name: thing.name, attributes: attributesOf() });
  manager.addAsset({
    ...{ realm: demoRealm, id: gateway.assetId, type: gatewayType, name: gateway.name },
    attributes: attributesOf(),
  });
  const { clientId } = manager.credentialsOf(gateway.assetId);
  const user = manager.user(demoRealm, clientId);
  if (user) manager.editUser(user, { secret });
  const assetTemplate = JSON.stringify({ type: "ThingAsset", name: "%UNIQUE_ID%", attributes: attributesOf() });
  manager.addProvisioning({ realm: demoRealm, authority, assetTemplate });
}

/** Where a line that names no asset goes. */
export const demoAsset = thing.name;

export function commandsOf(manager: OpenRemote, files: DemoFiles): DemoCommand[] {
  const { clientId } = manager.credentialsOf(gateway.assetId);
  const plain = `--server mqtt://127.0.0.1:${manager.port}`;
  const secure = `--server mqtts://127.0.0.1:${manager.tlsPort} --ca ${files.authority}`;
  const certificate = `--unique-id ${uniqueId} --certificate ${files.deviceCertificate} --client-id ${uniqueId}`;
  const user = (assetId: string, name: string, id: string): string =>
    `--realm ${demoRealm} --asset-id ${assetId} --user-name ${name} --password ${secret} --client-id ${id}`;
  return [
    {
      name: "device",
      what: "a device, with a service user",
      line: lineOf(plain, user(thing.assetId, thing.userName, thing.clientId)),
    },
    { name: "provisioned", what: "one that comes by its certificate, over TLS", line: lineOf(secure, certificate) },
    {
      name: "gateway",
      what: "a gateway, by the Gateway API",
      line: lineOf(plain, `${user(gateway.assetId, clientId, clientId)} --gateway-api`),
    },
  ];
}

function lineOf(server: string, who: string): string {
  return `npm run device -- --platform openremote ${server} ${who} --reports ${reports.join(",")}`;
}

function attributesOf(): Record<string, AttributeSpec> {
  const meta = { storeDataPoints: true };
  const all: Record<string, AttributeSpec> = {};
  // Older than everything a device has kept while no manager ran.
  const timestamp = 1;
  for (const [type, names] of Object.entries(attributes))
    for (const name of names) all[name] = { type, meta, timestamp };
  for (const [type, names] of Object.entries(told)) for (const name of names) all[name] = { type, timestamp };
  return all;
}
