// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { literalAddress } from "../../../hosts/xs/address.js";

test.each([
  ["192.168.1.10", "192.168.1.10"],
  ["0.0.0.0", "0.0.0.0"],
  ["fe80::1", "fe80::1"],
  ["localhost", "127.0.0.1"],
])("%s needs no name server", (host, address) => {
  expect(literalAddress(host)).toBe(address);
});

test.each(["broker.example", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.x", "1.2.3.", "1e1.2.3.4", "0x1.2.3.4", ""])(
  "%p is a name",
  (host) => {
    expect(literalAddress(host)).toBeUndefined();
  },
);
