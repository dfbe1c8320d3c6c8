// SPDX-License-Identifier: Apache-2.0

import { createServer } from "node:net";

/** Whether a port of the loopback interface can be listened on; 0 always can. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
