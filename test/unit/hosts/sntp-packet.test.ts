// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { packetSize, readReply, writeRequest } from "../../../hosts/esp32/sntp-packet.js";

/** 2024-02-29T12:00:00Z in seconds since 1900. */
const seconds = 3_918_196_800;

function view(size = packetSize): DataView {
  return new DataView(new ArrayBuffer(size));
}

function request(): DataView {
  const packet = view();
  writeRequest(packet, 0x1234_5678, 0x9abc_def0);
  return packet;
}

function reply(change: (packet: DataView) => void = () => undefined): DataView {
  const packet = view();
  packet.setUint8(0, 0x24);
  packet.setUint8(1, 2);
  packet.setUint32(24, 0x1234_5678);
  packet.setUint32(28, 0x9abc_def0);
  packet.setUint32(40, seconds);
  packet.setUint32(44, 0x4000_0000);
  change(packet);
  return packet;
}

describe("an SNTP request", () => {
  test("asks as a client of version 4, and says nothing else but its number", () => {
    const packet = request();
    expect(packet.getUint8(0)).toBe(0x23);
    expect(packet.getUint32(40)).toBe(0x1234_5678);
    expect(packet.getUint32(44)).toBe(0x9abc_def0);
    for (let offset = 1; offset < 40; offset++) expect(packet.getUint8(offset)).toBe(0);
  });
});

describe("an SNTP reply", () => {
  test("gives the server's time to the millisecond", () => {
    expect(readReply(reply(), request())).toBe(Date.UTC(2024, 1, 29, 12) + 250);
  });

  test("of 2036 and later, after the counter of seconds began anew, is understood", () => {
    const later = reply((packet) => packet.setUint32(40, 1_000));
    expect(readReply(later, request())).toBe(Date.UTC(2036, 1, 7, 6, 28, 16) + 1_000_250);
  });

  test("that is longer, with an authenticator behind it, is taken", () => {
    const longer = view(68);
    for (let offset = 0; offset < packetSize; offset++) longer.setUint8(offset, reply().getUint8(offset));
    expect(readReply(longer, request())).toBe(Date.UTC(2024, 1, 29, 12) + 250);
  });

  test.each<[string, (packet: DataView) => void]>([
    ["to another request, high word", (packet) => packet.setUint32(24, 1)],
    ["to another request, low word", (packet) => packet.setUint32(28, 1)],
    ["of a client", (packet) => packet.setUint8(0, 0x23)],
    ["of a server whose clock is not set", (packet) => packet.setUint8(0, 0xe4)],
    ["that tells the client to go away (stratum 0)", (packet) => packet.setUint8(1, 0)],
    ["of stratum 16, unsynchronized", (packet) => packet.setUint8(1, 16)],
    [
      "without a time",
      (packet) => {
        packet.setUint32(40, 0);
        packet.setUint32(44, 0);
      },
    ],
  ])("%s is no answer", (_name, change) => {
    expect(readReply(reply(change), request())).toBeUndefined();
  });

  test.each([0, 1, 44, 47])("of %d bytes is no answer", (size) => {
    expect(readReply(view(size), request())).toBeUndefined();
  });
});
