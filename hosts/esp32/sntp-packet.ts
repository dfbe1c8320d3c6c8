// SPDX-License-Identifier: Apache-2.0
// SNTP version 4, RFC 4330 section 4. Free of platform: test/unit runs it.

import type { Milliseconds } from "../../modules/core/ports.js";

export const packetSize = 48;
export const port = 123;

const clientRequest = (4 << 3) | 3;
const serverMode = 4;
const clockUnset = 3;
const originateOffset = 24;
const transmitOffset = 40;

/** From 1900 to 1970 in seconds. */
const epochOffset = 2_208_988_800;
const fractions = 4_294_967_296;

/**
 * Writes a request over all of `packet`. In the place of our own time, which nobody needs, stands a number that the answer
 * has to repeat: so a stray or forged datagram is told from it.
 */
export function writeRequest(packet: DataView, nonceHigh: number, nonceLow: number): void {
  for (let offset = 0; offset < packetSize; offset += 4) packet.setUint32(offset, 0);
  packet.setUint8(0, clientRequest);
  packet.setUint32(transmitOffset, nonceHigh);
  packet.setUint32(transmitOffset + 4, nonceLow);
}

/** The server's time when it answered, milliseconds since 1970; undefined for what is no answer to `request`. */
export function readReply(reply: DataView, request: DataView): Milliseconds | undefined {
  if (reply.byteLength < packetSize || request.byteLength < packetSize) return undefined;
  const first = reply.getUint8(0);
  const stratum = reply.getUint8(1);
  if ((first & 7) !== serverMode || first >> 6 === clockUnset || stratum < 1 || stratum > 15) return undefined;
  for (const word of [0, 4])
    if (reply.getUint32(originateOffset + word) !== request.getUint32(transmitOffset + word)) return undefined;
  const seconds = reply.getUint32(transmitOffset);
  const fraction = reply.getUint32(transmitOffset + 4);
  if (seconds === 0 && fraction === 0) return undefined;
  // Era 0 of the protocol ends in 2036 (RFC 4330 section 3).
  const sinceEra0 = seconds < fractions / 2 ? seconds + fractions : seconds;
  return (sinceEra0 - epochOffset) * 1_000 + Math.floor((fraction * 1_000) / fractions);
}
