// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { socketReason } from "../../../hosts/node/socket-reason.js";

test.each([
  ["ENOTFOUND", false, "dns-failed"],
  ["EAI_AGAIN", false, "dns-failed"],
  ["ECONNREFUSED", false, "connect-refused"],
  ["EHOSTUNREACH", false, "host-unreachable"],
  ["ENETUNREACH", false, "host-unreachable"],
  ["ETIMEDOUT", false, "connect-timeout"],
  ["ECONNRESET", true, "connection-reset"],
  ["EPIPE", true, "connection-reset"],
  ["EOTHER", false, "host-unreachable"],
  ["EOTHER", true, "connection-reset"],
  [undefined, true, "connection-reset"],
])("the system's %s, connected %s, is %s", (code, isConnected, reason) => {
  expect(socketReason(code, isConnected)).toBe(reason);
});
