// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, createServer, type Socket } from "node:net";
import { Device } from "../../modules/device/device.js";
import { FakeLog, type LogEntry } from "../fakes/log.js";
import { afterTest, flashFolder, startBoard } from "../integration/board.js";

/** Pauses of seconds pass in hundredths of a second; what is measured is what happens, not when. */
const haste = 50;

/** A device on the Node host whose timers are in haste, with everything it said. */
export class Scene {
  readonly log = new FakeLog();
  readonly device: Device;
  readonly #waiting = new Set<() => void>();

  constructor(server: { readonly host: string; readonly port: number }, token = "token") {
    const board = startBoard(
      flashFolder(),
      (entry) => {
        this.log.entries.push(entry);
        for (const look of [...this.#waiting]) look();
      },
      haste,
    );
    this.device = new Device(board, config(server, token));
    afterTest(() => this.device.stop());
  }

  /** Resolves when `event` was logged `count` times, with those entries. */
  logged(event: string, count = 1): Promise<LogEntry[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        const entries = this.log.entries.filter((entry) => entry.event === event);
        if (entries.length < count) return;
        this.#waiting.delete(look);
        resolve(entries);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** A TCP server that treats every connection as `behave` says. Returns its port. */
export function listen(behave: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    behave(socket);
  });
  afterTest(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function config(server: { readonly host: string; readonly port: number }, token: string) {
  return { server, credentials: { token }, wifi: [{ SSID: "simulated" }], session: { keepAlive: 20_000 } };
}
