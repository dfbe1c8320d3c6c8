import type { ConnectionOptions } from "node:tls";
import { afterEach } from "@jest/globals";
import type { ServerEvent } from "../../../server/events.js";
import { demoDevice, type LocalServer, type ServerOptions, startServer } from "../../../server/server.js";
import { RawClient } from "./raw-client.js";
import { RestClient } from "./rest-client.js";

export interface Fixture {
  readonly server: LocalServer;
  readonly rest: RestClient;
  readonly deviceId: string;
  readonly events: ServerEvent[];
  /** A connected demo device. */
  login(token?: string): Promise<RawClient>;
  /** A bare connection. */
  open(): Promise<RawClient>;
  /** A bare connection over TLS. */
  openSecurely(options?: ConnectionOptions): Promise<RawClient>;
  /** Resolves at an event, also one of the past. */
  event(name: ServerEvent["event"]): Promise<ServerEvent>;
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server of its own for one test, on free ports, closed after it. */
export async function startFixture(options: ServerOptions = {}): Promise<Fixture> {
  const events: ServerEvent[] = [];
  const listeners = new Set<() => void>();
  const onEvent = (event: ServerEvent): void => {
    events.push(event);
    for (const listener of [...listeners]) listener();
  };
  const server = await startServer({ mqttPort: 0, httpPort: 0, onEvent, ...options });
  cleanups.push(() => server.close());
  const rest = await RestClient.login(server.httpPort);
  const track = (client: RawClient): RawClient => {
    cleanups.push(() => client.destroy());
    return client;
  };
  return {
    server,
    rest,
    deviceId: await rest.demoDeviceId(),
    events,
    login: async (token = demoDevice.token) => track(await RawClient.login(server.mqttPort, token)),
    open: async () => track(await RawClient.open(server.mqttPort)),
    openSecurely: async (options) => track(await RawClient.openSecurely(server.tlsPort ?? 0, options)),
    event: (name) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(({ event }) => event === name);
          if (!found) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
  };
}
