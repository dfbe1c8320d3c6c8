// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { reasonOfEnd } from "../../../hosts/esp32/tcp-reason.js";

test.each([
  [-14, false, "connect-refused"],
  [-15, false, "connect-refused"],
  [-13, false, "connect-timeout"],
  [-4, false, "host-unreachable"],
  [-15, true, "connection-closed"],
  [-14, true, "connection-reset"],
  [-13, true, "connection-reset"],
  [-4, true, "connection-reset"],
])("lwIP's error %d, with a connection: %s, is %s", (error, isConnected, reason) => {
  expect(reasonOfEnd(error, isConnected)).toBe(reason);
});
