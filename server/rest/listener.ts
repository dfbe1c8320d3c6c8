import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import { attributeRoutes } from "./attributes.js";
import { credentialsRoutes } from "./credentials.js";
import { customerRoutes } from "./customers.js";
import { deviceProfileRoutes } from "./device-profiles.js";
import { deviceRoutes } from "./devices.js";
import { errorJson, handleError, notFound } from "./errors.js";
import { loginRoutes, requireLogin, userRoutes } from "./login.js";
import { otaPackageRoutes } from "./ota-packages.js";
import { pageRoutes } from "./page.js";
import { relationRoutes } from "./relations.js";
import { rpcRoutes } from "./rpc.js";
import { timeseriesRoutes } from "./timeseries.js";
import { Tokens } from "./tokens.js";

export interface RestOptions {
  readonly minRpcTimeout: number;
}

/** The HTTP side of the server: ThingsBoard's REST API below `/api`, and the page. */
export class RestListener {
  readonly #server: Server;

  constructor(context: ServerContext, options: RestOptions) {
    this.#server = createAdaptorServer({ fetch: restApp(context, options).fetch }) as Server;
  }

  /** @returns the port */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function restApp(context: ServerContext, { minRpcTimeout }: RestOptions): Hono {
  const tokens = new Tokens();
  const app = new Hono();
  app.onError(handleError);
  app.notFound((c) => c.json(errorJson(notFound()), 404));
  app.route("/", pageRoutes());
  app.route("/api/auth", loginRoutes(tokens));
  app.use("/api/*", requireLogin(tokens));
  app.route("/api/auth", userRoutes());
  app.route("/api/customer", customerRoutes(context));
  app.route("/api", deviceProfileRoutes(context));
  app.route("/api", credentialsRoutes(context));
  app.route("/api", deviceRoutes(context));
  app.route("/api", relationRoutes(context));
  app.route("/api", otaPackageRoutes(context));
  app.route("/api/rpc", rpcRoutes(context, { minRpcTimeout, statusOf: { timeout: 504, noConnection: 504 } }));
  app.route("/api/plugins/rpc", rpcRoutes(context, { minRpcTimeout, statusOf: { timeout: 408, noConnection: 409 } }));
  app.route("/api/plugins/telemetry", timeseriesRoutes(context));
  app.route("/api/plugins/telemetry", attributeRoutes(context));
  return app;
}
