// SPDX-License-Identifier: Apache-2.0

import { afterEach } from "@jest/globals";
import type { IConnectPacket } from "mqtt-packet";
import { OpenRemote } from "../../fakes/openremote/open-remote.js";
import type { OpenRemoteOptions } from "../../fakes/openremote/options.js";
import type { ServiceUser } from "../../fakes/openremote/user.js";
import { connectPacket, RawClient } from "../server/raw-client.js";

export const clientId = "raw";
export const userName = "master:device";
export const secret = "secret";

export interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** A manager with a few assets: a room in a site, a lamp in the room, and a shed beside the site. */
export interface ManagerFixture {
  readonly manager: OpenRemote;
  readonly user: ServiceUser;
  readonly site: string;
  readonly room: string;
  readonly lamp: string;
  readonly shed: string;
  /** A bare connection. */
  open(): Promise<RawClient>;
  /** A connection with a CONNACK that lets it in: of the user, if nothing else is said. */
  connect(more?: Partial<IConnectPacket>): Promise<RawClient>;
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const openMeta = { accessRestrictedRead: true, accessRestrictedWrite: true };

/** A manager of its own for one test, closed after it. */
export async function startManager(options: OpenRemoteOptions = {}): Promise<ManagerFixture> {
  const manager = await OpenRemote.start(options);
  cleanups.push(() => manager.close());
  const user = manager.addUser({ realm: "master", username: "device", secret });
  const attributes = {
    level: { type: "number", value: 1, meta: { ...openMeta, storeDataPoints: true } },
    on: { type: "boolean", meta: openMeta },
    note: { type: "text" },
  };
  const add = (name: string, parentId?: string): string => {
    return manager.addAsset({ realm: "master", name, attributes, ...(parentId === undefined ? {} : { parentId }) });
  };
  const site = add("site");
  const room = add("room", site);
  const open = async (): Promise<RawClient> => {
    const client = await RawClient.open(manager.port);
    cleanups.push(() => client.destroy());
    return client;
  };
  return {
    manager,
    user,
    site,
    room,
    lamp: add("lamp", room),
    shed: add("shed"),
    open,
    connect: async (more) => {
      const client = await open();
      client.send(login(more));
      const { returnCode } = await client.next("connack");
      if (returnCode !== 0) throw new Error(`refused with code ${returnCode}`);
      return client;
    },
  };
}

/** The CONNECT of the user, if nothing else is said. */
export function login(more: Partial<IConnectPacket> = {}): IConnectPacket {
  return connectPacket({ clientId, username: userName, password: Buffer.from(secret), ...more });
}

/** The CONNECT of somebody who gives no name. */
export function anonymous(more: Partial<IConnectPacket> = {}): IConnectPacket {
  return connectPacket({ clientId, ...more });
}

/** A topic or filter of the client that everybody is who says nothing else. */
export function own(tail: string): string {
  return `master/${clientId}/${tail}`;
}

/** Takes all messages that came, also those that were on their way. */
export async function messages(client: RawClient): Promise<Message[]> {
  const packets = await client.settle();
  const count = packets.filter(({ cmd }) => cmd === "publish").length;
  const taken: Message[] = [];
  for (let index = 0; index < count; index++) {
    const { topic, payload } = await client.nextPublish();
    taken.push({ topic, payload });
  }
  return taken;
}

/** The next message, as JSON. */
export async function nextJson(client: RawClient): Promise<{ topic: string; json: unknown }> {
  const { topic, payload } = await client.nextPublish();
  return { topic, json: JSON.parse(payload) };
}
