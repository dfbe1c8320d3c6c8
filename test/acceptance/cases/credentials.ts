// SPDX-License-Identifier: Apache-2.0

import type { Case } from "../case.js";
import type { World } from "../world.js";

interface Basic {
  readonly clientId?: string;
  readonly userName?: string;
  readonly password?: string;
}

async function sends(world: World, id: string, isSecure: boolean, args: readonly string[]): Promise<void> {
  await world.board({ example: "hello-world", isSecure, args });
  await world.latest(id, "temperature");
}

async function withToken(world: World, isSecure: boolean): Promise<void> {
  const { id, token } = await world.device();
  await sends(world, id, isSecure, [`--token=${token}`]);
}

async function withBasic(world: World, isSecure: boolean, members: readonly (keyof Basic)[]): Promise<void> {
  const { id } = await world.device();
  const basic: Basic = Object.fromEntries(members.map((member) => [member, world.secret()]));
  const credentials = { credentialsType: "MQTT_BASIC", credentialsValue: JSON.stringify(basic) };
  await world.rest.setCredentials(id, credentials);
  await sends(world, id, isSecure, basicArgs(basic));
}

/** The same on the command line. */
export function basicArgs({ clientId, userName, password }: Basic): string[] {
  const args: [string, string | undefined][] = [
    ["client-id", clientId],
    ["user-name", userName],
    ["password", password],
  ];
  return args.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

export const credentialCases: readonly Case[] = [
  { id: "a11", title: "access token", run: (world) => withToken(world, false) },
  { id: "a12", title: "access token over TLS", run: (world) => withToken(world, true) },
  { id: "a21", title: "basic MQTT: client id", run: (world) => withBasic(world, false, ["clientId"]) },
  {
    id: "a22",
    title: "basic MQTT: user and password",
    run: (world) => withBasic(world, false, ["userName", "password"]),
  },
  {
    id: "a23",
    title: "basic MQTT: client id, user and password",
    run: (world) => withBasic(world, false, ["clientId", "userName", "password"]),
  },
  {
    id: "a24",
    title: "basic MQTT: client id, user and password, over TLS",
    run: (world) => withBasic(world, true, ["clientId", "userName", "password"]),
  },
  {
    id: "a31",
    title: "X.509 certificate of the device, over TLS",
    run: async (world) => {
      const { id, name } = await world.device();
      const { certificate, privateKey } = world.platform.issue(name);
      const credentials = { credentialsType: "X509_CERTIFICATE", credentialsValue: certificate };
      await world.rest.setCredentials(id, credentials);
      const files = [`--certificate=${world.file("device.pem", certificate)}`];
      await sends(world, id, true, [...files, `--private-key=${world.file("device.key", privateKey)}`]);
    },
  },
];
