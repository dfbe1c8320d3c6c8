// SPDX-License-Identifier: Apache-2.0

import type { Client } from "./client.js";
import type { Topic } from "./topic.js";

/** Why something is denied; undefined: it is not. */
export type Denial = string | undefined;

/** One of the APIs that the manager has on MQTT. */
export interface Handler {
  /** Whether topics and filters of this kind are its own. */
  owns(topic: Topic): boolean;
  canSubscribe(client: Client, filter: Topic): Denial;
  subscribed?(client: Client, filter: Topic): void;
  unsubscribed?(client: Client, filter: Topic): void;
  canPublish(client: Client, topic: Topic): Denial;
  /** Of a message that `canPublish` let through. */
  publish(client: Client, topic: Topic, payload: Buffer): void;
  connected?(client: Client): void;
  /** Called once for a client that was connected, after its will. */
  closed?(client: Client): void;
}

/** What all topics but those of provisioning demand: the realm of the user, and the id of the client. */
export function denialOf(client: Client, [realm, clientId]: Topic): Denial {
  const { user } = client;
  if (!user) return "anonymous";
  if (!user.isSuperUser && realm !== user.realm) return "realm of another";
  return clientId === client.clientId ? undefined : "client id of another";
}
