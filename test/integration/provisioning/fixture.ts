// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { ProvisioningConfig, ServerConfig } from "../../../modules/device/config-server.js";
import { Device } from "../../../modules/device/device.js";
import type { LogEntry } from "../../fakes/log.js";
import { afterTest, startBoard } from "../board.js";

/** What is stored under a key, undefined for nothing. */
export function stored(folder: string, key: string): string | undefined {
  const path = join(folder, "nvs", key.replace(".", "%2e"));
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

export interface BootOptions {
  readonly folder: string;
  readonly server: number | ServerConfig;
  readonly provisioning?: Partial<ProvisioningConfig>;
  /** Its clock runs so many times as fast. Default 1. */
  readonly haste?: number;
  readonly onLog?: (entry: LogEntry) => void;
}

/** A device on the Node host, started, that asks for its credentials with "key" and "secret". */
export class Board {
  readonly device: Device;
  readonly log: LogEntry[] = [];
  readonly stop: () => void;
  readonly #waiting = new Set<() => void>();

  constructor({ folder, server, provisioning = {}, haste = 1, onLog }: BootOptions) {
    const board = startBoard(
      folder,
      (entry) => {
        this.log.push(entry);
        onLog?.(entry);
        for (const look of [...this.#waiting]) look();
      },
      haste,
    );
    this.device = new Device(board, {
      server: typeof server === "number" ? { host: "127.0.0.1", port: server } : server,
      provisioning: { key: "key", secret: "secret", ...provisioning },
      wifi: [{ SSID: "simulated" }],
    });
    this.stop = () => {
      this.device.stop();
      board.stop();
    };
    afterTest(this.stop);
    this.device.start();
  }

  /** Attempts to be provisioned. */
  get attempts(): number {
    return this.#count("provisioning.connecting");
  }

  /** Resolves when `event` was logged `count` times, with the last entry. */
  logged(event: string, count = 1): Promise<LogEntry> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#count(event) < count) return;
        this.#waiting.delete(look);
        resolve(this.log.filter((entry) => entry.event === event)[count - 1] as LogEntry);
      };
      this.#waiting.add(look);
      look();
    });
  }

  #count(name: string): number {
    return this.log.filter(({ event }) => event === name).length;
  }
}

/** A way to a server on which the first replies to provisioning are lost, with their connections. @returns its port */
export function losingReplies(serverPort: number, count: number): Promise<number> {
  let left = count;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      const isReply = chunk.includes("/provision/response");
      if (isReply) left -= 1;
      if (isReply && left >= 0) client.resetAndDestroy();
      else client.write(chunk);
    });
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  afterTest(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return new Promise((resolve) => {
    proxy.listen(0, "127.0.0.1", () => resolve((proxy.address() as AddressInfo).port));
  });
}
