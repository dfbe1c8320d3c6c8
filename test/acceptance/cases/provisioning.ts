// SPDX-License-Identifier: Apache-2.0

import { profileBody } from "../../integration/server/profile.js";
import type { Case } from "../case.js";
import { expectSame, type World } from "../world.js";
import { basicArgs } from "./credentials.js";

interface Chosen {
  /** What the device has after it was provisioned by a profile that creates it. */
  readonly type: string;
  /** The token that it has then, where that is known. */
  readonly token?: string;
  /** On the device's command line. */
  readonly args: readonly string[];
  /** What a device has that exists before; default an access token that the server made. */
  readonly existing?: object;
}

const strategies = ["ALLOW_CREATE_NEW_DEVICES", "CHECK_PRE_PROVISIONED_DEVICES"] as const;

/** Both strategies, each with a profile and a device of its own. */
async function provision(world: World, isSecure: boolean, choose: (world: World) => Chosen): Promise<void> {
  const runs = strategies.map((strategy) => provisionBy(world, strategy, isSecure, choose(world)));
  // Both to the end: what one still makes after the case is over nobody would remove.
  const failed = (await Promise.allSettled(runs)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function provisionBy(world: World, strategy: string, isSecure: boolean, chosen: Chosen): Promise<void> {
  const [key, secret, name] = [world.secret(), world.secret(), world.name("provisioned")];
  const profile = await world.profile({
    ...profileBody({
      name: world.name("profile"),
      provisionType: strategy,
      configuration: { provisionDeviceSecret: secret },
    }),
    provisionDeviceKey: key,
  });
  if (strategy === "CHECK_PRE_PROVISIONED_DEVICES") {
    const id = await world.enter({ name, deviceProfileId: profile.id });
    if (chosen.existing) await world.rest.setCredentials(id, chosen.existing);
  }
  const args = [`--provision-key=${key}`, `--provision-secret=${secret}`, `--device-name=${name}`, ...chosen.args];
  const board = await world.board({ example: "hello-world", isSecure, args });
  const id = await world.adopt(name);
  await world.latest(id, "temperature");
  const { credentialsType, credentialsId } = await world.rest.call("GET", `/device/${id}/credentials`);
  const isMade = strategy === "ALLOW_CREATE_NEW_DEVICES" || chosen.existing !== undefined;
  expectSame(credentialsType, isMade ? chosen.type : "ACCESS_TOKEN", "the credentials");
  if (chosen.token !== undefined && strategy === "ALLOW_CREATE_NEW_DEVICES")
    expectSame(credentialsId, chosen.token, "the token");
  // It has them for good: the next start asks for nothing.
  await board.restart();
  await world.until("the session is live again", () => board.log.some(({ event }) => event === "session.live"));
  expectSame(
    board.log.filter(({ event }) => event === "provisioning.connecting").length,
    0,
    "requests after a restart",
  );
}

function byServer(): Chosen {
  return { type: "ACCESS_TOKEN", args: ["--provision-credentials=server"] };
}

/** A token that is known here: one that the device makes up looks like the server's. */
function byDevice(world: World): Chosen {
  const token = world.secret();
  return { type: "ACCESS_TOKEN", token, args: [`--token=${token}`] };
}

function basic(...members: readonly ("clientId" | "userName" | "password")[]): (world: World) => Chosen {
  return (world) => ({
    type: "MQTT_BASIC",
    args: basicArgs(Object.fromEntries(members.map((member) => [member, world.secret()]))),
  });
}

function certificate(world: World): Chosen {
  const { certificate: pem, privateKey } = world.platform.issue(world.name("device"));
  const name = world.secret();
  return {
    type: "X509_CERTIFICATE",
    args: [`--certificate=${world.file(`${name}.pem`, pem)}`, `--private-key=${world.file(`${name}.key`, privateKey)}`],
    existing: { credentialsType: "X509_CERTIFICATE", credentialsValue: pem },
  };
}

function provisioningCase(id: string, what: string, isSecure: boolean, choose: (world: World) => Chosen): Case {
  const title = `provisioning, ${what}${isSecure ? " over TLS" : ""}`;
  return { id, title, run: (world) => provision(world, isSecure, choose) };
}

export const provisioningCases: readonly Case[] = [
  provisioningCase("ps10", "token of the server", false, byServer),
  provisioningCase("ps20", "token of the server", true, byServer),
  provisioningCase("pd11", "token of the device", false, byDevice),
  provisioningCase("pd12", "token of the device", true, byDevice),
  provisioningCase("pd21", "client id of the device", false, basic("clientId")),
  provisioningCase("pd22", "user and password of the device", false, basic("userName", "password")),
  provisioningCase(
    "pd23",
    "client id, user and password of the device",
    false,
    basic("clientId", "userName", "password"),
  ),
  provisioningCase(
    "pd24",
    "client id, user and password of the device",
    true,
    basic("clientId", "userName", "password"),
  ),
  provisioningCase("pd31", "certificate of the device", true, certificate),
];
