// SPDX-License-Identifier: Apache-2.0

import type { RawClient } from "../server/raw-client.js";
import { type ManagerFixture, nextJson, own, startManager } from "./manager-fixture.js";

/** A client of the Gateway API that waits for every response. */
export class Requester {
  readonly #client: RawClient;
  readonly #prefix: string;

  /** @param prefix of its topics, realm and client id */
  constructor(client: RawClient, prefix = own("")) {
    this.#client = client;
    this.#prefix = prefix;
  }

  get client(): RawClient {
    return this.#client;
  }

  topic(tail: string): string {
    return `${this.#prefix}operations/assets/${tail}`;
  }

  /** @returns the response */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the manager says is for the test to know
  async ask(tail: string, payload: object | string = ""): Promise<any> {
    const topic = this.topic(tail);
    await this.#client.subscribe([`${topic}/response`]);
    this.tell(tail, payload);
    const { topic: from, json } = await nextJson(this.#client);
    if (from !== `${topic}/response`) throw new Error(`message on ${from}`);
    return json;
  }

  /** Asks and waits for nothing. */
  tell(tail: string, payload: object | string = ""): void {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    this.#client.publish(this.topic(tail), text, 0);
  }
}

export interface GatewayFixture extends ManagerFixture {
  readonly gateway: string;
  /** What the topics of the gateway begin with. */
  readonly prefix: string;
  /** An asset below the gateway. */
  readonly child: string;
  readonly requester: Requester;
}

/** A manager with a gateway that is connected. */
export async function startGateway(): Promise<GatewayFixture> {
  const fixture = await startManager();
  const { manager, connect } = fixture;
  const gateway = manager.addAsset({ realm: "master", type: "GatewayV2Asset", name: "gateway" });
  const attributes = { level: { type: "number", value: 1 }, note: { type: "text" } };
  const child = manager.addAsset({ realm: "master", parentId: gateway, name: "child", attributes });
  const { clientId, username, password } = manager.credentialsOf(gateway);
  const client = await connect({ clientId, username, password: Buffer.from(password) });
  const prefix = `master/${clientId}/`;
  return { ...fixture, gateway, prefix, child, requester: new Requester(client, prefix) };
}
