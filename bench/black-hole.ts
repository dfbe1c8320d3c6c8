// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A middlebox in front of a port of this machine. While it is open it swallows: what it has taken is gone, connections stay up
 * and silent. When it closes again, it has forgotten the old ones and resets them, as a router that lost its state does.
 */
export class BlackHole {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isOpen = false;

  /** `target` tells the port when somebody connects. */
  constructor(target: () => number) {
    this.#server = createServer((client) => {
      const upstream = connect(target(), "127.0.0.1");
      const pair = [client, upstream] as const;
      this.#pairs.add(pair);
      this.#join(client, upstream, pair);
      this.#join(upstream, client, pair);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
    for (const [client, upstream] of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    this.#pairs.clear();
  }

  stop(): void {
    this.close();
    this.#server.close();
  }

  #join(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    from.on("data", (bytes) => {
      if (!this.#isOpen) to.write(bytes);
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      // In the hole nobody learns that the other side is gone.
      if (this.#isOpen) return;
      to.destroy();
      this.#pairs.delete(pair);
    });
  }
}
