// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { reasonOfDisconnection } from "../../../hosts/esp32/wifi-reason.js";

test.each([
  [201, "wifi-not-found"],
  [15, "wifi-refused"],
  [202, "wifi-refused"],
  [204, "wifi-refused"],
  [210, "wifi-refused"],
  [200, "wifi-lost"],
  [0, undefined],
  [8, undefined],
  [999, undefined],
])("ESP-IDF's disconnection reason %d is %s", (code, reason) => {
  expect(reasonOfDisconnection(code)).toBe(reason);
});
