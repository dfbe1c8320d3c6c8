import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ServerContext } from "../core/context.js";
import { Client, type ClientOptions } from "./client.js";
import { RateLimits } from "./rate-limits.js";

export type MqttOptions = Omit<ClientOptions, "limitsOf">;

/** The MQTT side of the server. */
export class MqttListener {
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  readonly #limits = new Map<string, RateLimits>();

  /** @throws {RangeError} malformed limits */
  constructor(context: ServerContext, options: MqttOptions) {
    // Malformed limits are to be refused here, not when the first device connects.
    new RateLimits(options.limits);
    const limitsOf = (deviceId: string): RateLimits => this.#limitsOf(deviceId, options);
    this.#server = createServer((socket: Socket) => {
      const client = new Client(socket, context, { ...options, limitsOf });
      this.#clients.add(client);
      socket.on("close", () => this.#clients.delete(client));
    });
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
    for (const client of this.#clients) client.close("server stopped");
    await closed;
  }

  #limitsOf(deviceId: string, options: MqttOptions): RateLimits {
    const limits = this.#limits.get(deviceId) ?? new RateLimits(options.limits);
    this.#limits.set(deviceId, limits);
    return limits;
  }
}
