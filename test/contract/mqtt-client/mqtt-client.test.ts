// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { text } from "../../fakes/text.js";
import { cases } from "./cases.js";
import { runCase } from "./driver.js";
import { makeOwnSubject } from "./subject.js";

describe("MqttClient keeps the contract: it", () => {
  test.each(cases.map((contractCase) => [contractCase.name, contractCase] as const))("%s", (_, contractCase) => {
    expect(runCase(contractCase, makeOwnSubject(text))).toBeUndefined();
  });
});
