// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { controlReserve, Transmit } from "../../../modules/mqtt/transmit.js";
import { FakeSocket } from "../../fakes/socket.js";

function makeSocket(): FakeSocket {
  return new FakeSocket({ host: "", port: 1, onReadable: () => {}, onWritable: () => {}, onError: () => {} });
}

function put(transmit: Transmit, size: number, value: number): void {
  const offset = transmit.claim(size);
  transmit.bytes.fill(value, offset, offset + size);
}

describe("Transmit", () => {
  test("hands over everything in order, in pieces that the socket can take", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 80 })), { maxLength: 60 }),
        (steps) => {
          const transmit = new Transmit(new Uint8Array(128));
          const socket = makeSocket();
          const expected: number[] = [];
          steps.forEach(([size, takes], index) => {
            if (size <= transmit.free) {
              put(transmit, size, index & 255);
              for (let count = 0; count < size; count += 1) expected.push(index & 255);
            }
            socket.allow(takes);
            const before = socket.sent.length;
            const left = transmit.drain(socket, takes);
            expect(left).toBe(takes - (socket.sent.length - before));
          });
          socket.allow(1_000);
          transmit.drain(socket, 1_000);
          expect(socket.sent).toEqual(expected);
          expect(transmit.free).toBe(128);
        },
      ),
    );
  });

  test("keeps the reserve out of the room for data", () => {
    const transmit = new Transmit(new Uint8Array(128));
    expect(transmit.room).toBe(128 - controlReserve);
    put(transmit, 120, 1);
    expect(transmit.room).toBe(0);
    expect(transmit.free).toBe(8);
  });
});
