// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { text } from "../../fakes/text.js";

const { telemetry, attributes, rpc } = new ThingsBoard(text);

/** The server compares filters literally with these (and more of other purposes) and refuses every other. */
const accepted = ["v2/a", "v2/a/res/+", "v2/r/req/+", "v1/devices/me/rpc/response/+"];

test("ThingsBoard subscribes to nothing that the server refuses", () => {
  const { updateFilter, responseFilter } = attributes;
  expect([updateFilter, responseFilter, rpc.requestFilter, rpc.callResponseFilter]).toEqual(accepted);
});

test("ThingsBoard recognizes the answer to each of its requests by the flavour in which it was made", () => {
  const id = 2_147_483_647;
  expect(attributes.responseId(attributes.requestTopic(id).replace("/req/", "/res/"))).toBe(id);
  expect(rpc.callResponseId(rpc.callTopic(id).replace("/request/", "/response/"))).toBe(id);
  expect(rpc.requestId(rpc.responseTopic(id).replace("/res/", "/req/"))).toBe(id);
});

test("ThingsBoard publishes on topics that no device profile can rename", () => {
  expect([telemetry.topic, attributes.publishTopic]).toEqual(["v2/t", "v2/a"]);
});
