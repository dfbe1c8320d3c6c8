// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../../modules/core/errors.js";
import { SharedClock } from "../../../modules/core/shared-clock.js";
import type { Participant, Publisher, Subscription } from "../../../modules/session/link.js";
import type { SessionOptions } from "../../../modules/session/options.js";
import { Session } from "../../../modules/session/session.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { ScriptedServer } from "../../fakes/scripted-server.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";

/** Random numbers that make every pause as long as it gets. */
export const longest = (): number => 0xffff_ffff;
export const shortest = (): number => 0;

/** A session, its network, a server to script, and what its users were told. */
export class Rig {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly log = new FakeLog();
  readonly session: Session;
  /** Calls to the participant, the publisher and the message handlers, in order. */
  readonly told: string[] = [];

  constructor(changes: Partial<SessionOptions> = {}) {
    this.session = new Session({
      clock: new SharedClock(this.clock),
      random: shortest,
      text,
      connect: this.network.connect,
      log: this.log,
      server: { host: "server.test", port: 1883 },
      credentials: { clientId: "device", user: "token" },
      ...changes,
    });
  }

  /** Up to the attempt to connect. */
  start(): void {
    this.session.start();
    this.session.setNetwork(true);
    this.clock.advance(this.clock.pending ?? 0);
  }

  /** The server's end of the latest connection, just connected. */
  open(writable?: number): ScriptedServer {
    return new ScriptedServer(this.network.socket, writable);
  }

  /** Started, connected, accepted and subscribed. */
  goLive(): ScriptedServer {
    if (this.session.state === "stopped") this.start();
    const server = this.open();
    server.welcome();
    return server;
  }

  /** Cuts the connection, too late for it to count as a kick. */
  drop(): void {
    this.clock.advance(5_000);
    this.network.socket.fail("connection-reset");
  }

  /** Waits for the next attempt; returns the pause. */
  retry(): number {
    const pause = this.clock.pending ?? -1;
    this.clock.advance(pause);
    return pause;
  }

  join(changes: Partial<Participant> = {}): void {
    this.session.join({
      onOpen: () => this.told.push("open"),
      onLive: () => this.told.push("live"),
      onClosed: (reason: Reason) => this.told.push(`closed ${reason}`),
      onRoom: () => this.told.push("room"),
      ...changes,
    });
  }

  subscribe(filter: string, changes: Partial<Subscription> = {}): void {
    this.session.subscribe({
      filter,
      QoS: 1,
      onMessage: (topic, payload, byteLength) =>
        this.told.push(`${filter} <- ${topic} ${text.decode(payload, 0, byteLength)}`),
      ...changes,
    });
  }

  readonly publisher: Publisher = {
    onAcknowledged: (token) => this.told.push(`acknowledged ${token}`),
    onLost: (token) => this.told.push(`lost ${token}`),
  };

  /** One QoS 1 publish on "t" of the token's text. */
  publish(token: number, duplicate = false): boolean {
    const payload = new TextEncoder().encode(String(token));
    return this.session.publish("t", payload, payload.length, this.publisher, token, duplicate);
  }
}
