// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoCustomerLogin, type LocalServer, startServer } from "../../server/server.js";
import { type Authority, type Identity, makeAuthority } from "../fakes/certificates.js";
import { RestClient } from "../integration/server/rest-client.js";

/** Where devices find the server, as on the command line. */
export interface Addresses {
  readonly mqtt: string;
  /** Undefined where the platform serves no TLS, or nobody said by which authority. */
  readonly mqtts: { readonly address: string; readonly ca: string } | undefined;
}

/** A ThingsBoard as an operator sees it: by REST alone. */
export interface Platform {
  readonly rest: RestClient;
  readonly addresses: Addresses;
  /** A customer's user, undefined where none was named. */
  readonly customer: RestClient | undefined;
  /** Whether methods that devices call are answered, which takes a rule chain on a real server. */
  readonly hasRules: boolean;
  /** A certificate for a device. */
  issue(commonName: string): Identity;
  close(): Promise<void>;
}

/** The project's own server, on this machine. */
export async function startLocalPlatform(): Promise<Platform> {
  const authority = makeAuthority("acceptance");
  const server: LocalServer = await startServer({
    mqttPort: 0,
    httpPort: 0,
    tls: { port: 0, ...authority.issue({ commonName: "localhost", hosts: ["localhost", "127.0.0.1"] }) },
    clientRpcTimeout: 1_000,
    rules: {
      rpcPublishLocalTime: () => ({}),
      rpcGetCurrentTime: () => ({ ts: Date.now() }),
      rpcLoopback: (params) => params as never,
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "xsthing-acceptance-"));
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, authority.certificate);
  return {
    rest: await RestClient.login(server.httpPort),
    customer: await RestClient.login(server.httpPort, demoCustomerLogin),
    addresses: {
      mqtt: `mqtt://127.0.0.1:${server.mqttPort}`,
      mqtts: { address: `mqtts://127.0.0.1:${server.tlsPort}`, ca },
    },
    hasRules: true,
    issue: (commonName) => authority.issue({ commonName }),
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * The server that the environment names: XSTHING_SERVER (its URL), XSTHING_USER and XSTHING_PASSWORD of a tenant's administrator. Where
 * it has more: XSTHING_MQTT (default port 1883 of that host), XSTHING_MQTTS with XSTHING_CA (a PEM file), XSTHING_CUSTOMER_USER and
 * XSTHING_CUSTOMER_PASSWORD, XSTHING_RULES=1 where a rule chain answers the calls of h31.
 */
export async function connectPlatform(environment: NodeJS.ProcessEnv): Promise<Platform> {
  const url = wanted(environment, "XSTHING_SERVER");
  const user = { username: wanted(environment, "XSTHING_USER"), password: wanted(environment, "XSTHING_PASSWORD") };
  const { XSTHING_MQTTS: address, XSTHING_CA: ca, XSTHING_CUSTOMER_USER: username } = environment;
  const mine: Authority = makeAuthority("acceptance");
  return {
    rest: await RestClient.login(url, user),
    customer:
      username === undefined
        ? undefined
        : await RestClient.login(url, { username, password: wanted(environment, "XSTHING_CUSTOMER_PASSWORD") }),
    addresses: {
      mqtt: environment.XSTHING_MQTT ?? `mqtt://${new URL(url).hostname}:1883`,
      mqtts: address === undefined || ca === undefined ? undefined : { address, ca },
    },
    hasRules: environment.XSTHING_RULES === "1",
    issue: (commonName) => mine.issue({ commonName }),
    close: async () => {},
  };
}

function wanted(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}
