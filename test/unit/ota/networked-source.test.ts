// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { NetworkedSource } from "../../../modules/ota/networked-source.js";

test("a source runs while it is wanted and there is a network", () => {
  const calls: string[] = [];
  const source = new NetworkedSource({ start: () => calls.push("start"), stop: () => calls.push("stop") }, false);
  source.start();
  expect(calls).toEqual([]);
  source.setNetwork(true);
  source.setNetwork(false);
  source.setNetwork(true);
  expect(calls).toEqual(["start", "stop", "start"]);
  source.stop();
  source.setNetwork(false);
  source.setNetwork(true);
  expect(calls).toEqual(["start", "stop", "start", "stop", "stop"]);
});
