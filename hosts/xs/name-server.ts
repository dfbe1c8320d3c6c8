// SPDX-License-Identifier: Apache-2.0

// biome-ignore lint/style/useNodejsImportProtocol: this is the SDK's module of that name.
import Net from "net";
import type { Guard } from "./guard.js";

/**
 * Asks the name servers that the network assigned. `onResolved` gets the first address, or undefined where there is none;
 * never inside the call. Throws where too many questions are open.
 */
export function askNameServer(guard: Guard, host: string, onResolved: (address: string | undefined) => void): void {
  Net.resolve(host, (_name, address) => guard.enter(onResolved, address));
}
