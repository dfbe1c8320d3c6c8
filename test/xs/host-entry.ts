// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: one case of the host contract, named by the settings.

import { engine } from "../../hosts/desktop/xs/engine-globals.js";
import { board, createHost, settings } from "../../hosts/desktop/xs/host.js";
import type { Peers } from "../contract/host/case.js";
import { hostCases } from "../contract/host/cases.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);

function main(): void {
  const host = createHost();
  const { name, peers } = settings() as { readonly name: string; readonly peers: Peers };
  const hostCase = hostCases.find((candidate) => candidate.name === name);
  if (hostCase === undefined) throw new RangeError(`no such case: ${name}`);
  hostCase.run(host, () => host.log.write("info", "case.done", name), peers);
}
