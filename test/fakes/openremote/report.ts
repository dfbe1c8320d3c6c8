// SPDX-License-Identifier: Apache-2.0

import type { DemoCommand } from "./demo.js";
import type { LogEntry } from "./log.js";
import type { OpenRemote } from "./open-remote.js";
import { writeForm } from "./write-line.js";

export interface StoredLine {
  readonly asset: string;
  readonly attribute: string;
  readonly value: unknown;
  /** Of the value, milliseconds since 1970. */
  readonly timestamp: number;
  /** It is in the history alone. */
  readonly isLate: boolean;
}

export interface PresenceLine {
  readonly clientId: string;
  /** The service user; undefined while the client is nobody. */
  readonly user: string | undefined;
  readonly isConnected: boolean;
}

/** Prints what happens in a manager, a line each, for people or as JSON. */
export class Report {
  readonly #isJson: boolean;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  listening({ port, tlsPort }: OpenRemote, commands: readonly DemoCommand[]): void {
    const { pid } = process;
    if (this.#isJson) {
      const lines = Object.fromEntries(commands.map(({ name, line }) => [name, line]));
      this.#json("manager.listening", { mqttPort: port, tlsPort, pid, commands: lines });
      return;
    }
    console.log(`A fake of OpenRemote's manager, on loopback only, with public credentials (pid ${pid})
  mqtt   mqtt://127.0.0.1:${port}
  mqtts  mqtts://127.0.0.1:${tlsPort}
  type   ${writeForm}: write period 500, write command {"id":1,"method":"getVitals"}`);
    for (const { what, line } of commands) console.log(`${what}\n  ${line}`);
  }

  stored(line: StoredLine): void {
    const { asset, attribute, value, timestamp, isLate } = line;
    const late = isLate ? ", late" : "";
    this.#print("attribute.stored", line, `${asset}/${attribute} ${textOf(value)} at ${timeOf(timestamp)}${late}`);
  }

  presence(line: PresenceLine): void {
    const { clientId, isConnected, user = "nobody yet" } = line;
    this.#print(isConnected ? "client.connected" : "client.gone", line, `${clientId}, ${user}`);
  }

  /** What became of a client and its messages; what is late is in `stored`. */
  log(entry: LogEntry): void {
    const { kind, clientId, topic = "", reason } = entry;
    if (reason === "outdated") return;
    this.#print(`client.${kind}`, { clientId, topic, reason }, `${clientId} ${topic}: ${reason}`);
  }

  refused(input: string, reason: string): void {
    this.#print("input.refused", { input, reason }, reason);
  }

  #print(event: string, members: object, text: string): void {
    if (this.#isJson) this.#json(event, members);
    else console.log(`${timeOf(Date.now())} ${event.padEnd(18)} ${text}`);
  }

  #json(event: string, members: object): void {
    console.log(JSON.stringify({ time: new Date().toISOString(), event, ...members }));
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** Of the day. */
function timeOf(epoch: number): string {
  return new Date(epoch).toISOString().slice(11, 23);
}
