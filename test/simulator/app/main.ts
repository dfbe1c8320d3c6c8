// SPDX-License-Identifier: Apache-2.0
// The host contract in the simulator: one case per start of the firmware, so that none sees what another left behind.

import { createHost } from "hosts/platform/host";
import config from "mc/config";
import type { Peers } from "test/contract/host/case";
import { hostCases, plainCases } from "test/contract/host/cases";
import { noMemory } from "./no-memory.js";
import { unsetClock } from "./unset-clock.js";

/** The SDK moves 1,536 bytes every 20 ms on Linux: a megabyte takes half of it. */
const caseTimeout = 30_000;

export default function main(): void {
  const host = createHost();
  const { isSecure, peers } = config as unknown as { readonly isSecure: boolean; readonly peers: Peers };
  const cases = [...(isSecure ? [...hostCases, unsetClock] : plainCases), noMemory];
  const index = host.storage.read("next")?.[0] ?? 0;
  const hostCase = cases[index];
  if (hostCase === undefined) {
    host.log.write("info", "cases.done", String(cases.length));
    return;
  }
  host.storage.write("next", Uint8Array.of(index + 1));
  host.log.write("info", "case.begin", hostCase.name);
  const isOver = host.clock.timer(() => {
    throw new Error("took too long");
  });
  isOver.start(caseTimeout);
  const done = (): void => {
    isOver.stop();
    host.log.write("info", "case.done", hostCase.name);
    host.system.restart("next case");
  };
  // By a timer, so that an exception of the case is the host's panic.
  host.clock.timer(() => hostCase.run(host, done, peers)).start(0);
}
