// SPDX-License-Identifier: Apache-2.0

import { connack } from "./packets.js";

/** The CONNECT of a client without options. */
export const greeting = "CONNECT MQTT 4 clean 0 s id=device";

/** The beginning of most scripts: connected over a wide socket, and accepted. */
export const accepted = [
  [["allow", 4096], greeting],
  [["deliver", connack()], "CONNACK"],
] as const;

/** QoS 1 messages on "t", each of one digit. */
export function messages(digits: string): string[] {
  return [...digits].map((digit) => `message t QoS 1 "${digit}"`);
}
