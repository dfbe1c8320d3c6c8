// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { completeGateway } from "../../../modules/without-gateway/config-gateway.js";
import { createGateway, DeviceGateway } from "../../../modules/without-gateway/device-gateway.js";
import { completeOpenRemote, completeServiceUser } from "../../../modules/without-openremote/config-openremote.js";

test("a firmware without what a gateway needs is a device like any other", () => {
  expect(completeGateway(undefined)).toEqual({ maxChildren: 0, attributesCapacity: 0 });
  expect(completeGateway({ maxChildren: 0, attributesCapacity: 4_096 }).maxChildren).toBe(0);
  expect(createGateway()).toBeUndefined();
});

test("it refuses to be a gateway, by name", () => {
  const refusal = "config.gateway.maxChildren: this firmware was built without";
  expect(() => completeGateway({ maxChildren: 1 })).toThrow(refusal);
  expect(() => completeGateway({ maxChildern: 1 })).toThrow("config.gateway.maxChildern");
  expect(() => new DeviceGateway().child()).toThrow("without what a gateway needs");
});

test("a firmware without OpenRemote refuses the platform, by name", () => {
  const refusal = "config.server.platform: this firmware was built without OpenRemote";
  expect(() => completeOpenRemote({ realm: "master" })).toThrow(refusal);
  expect(() => completeServiceUser({}, "master")).toThrow(refusal);
});
