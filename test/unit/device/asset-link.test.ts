// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { Echoes } from "../../../modules/attributes/echoes.js";
import { OpenRemote } from "../../../modules/cloud/openremote.js";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import { AssetLink } from "../../../modules/device/asset-link.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { text } from "../../fakes/text.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";

function make(address: OpenRemoteAddress) {
  const link = new FakeLink();
  const clock = new FakeClock();
  const { attributes } = new OpenRemote({ clock, text, address, commands: undefined, silenced: [] });
  const assetLink = new AssetLink({ link, address, attributes, echoes: new Echoes(clock) });
  return { link, assetLink };
}

const subscription = (filter: string) => ({ filter, QoS: 1, onMessage: () => undefined }) as const;

test("filters wait until the device knows its asset", () => {
  const address = new OpenRemoteAddress("thing");
  const { link, assetLink } = make(address);
  assetLink.subscribe(subscription("attributevalue/+/{assetId}"));
  expect(link.subscriptions).toEqual([]);
  address.settle("city", id);
  assetLink.onSettled();
  assetLink.onSettled();
  expect(link.subscriptions.map(({ filter }) => filter)).toEqual([`city/thing/attributevalue/+/${id}`]);
});

test("a subscription too many is refused at the call, although the others wait", () => {
  const { assetLink } = make(new OpenRemoteAddress("thing"));
  for (let count = 0; count < 64; count += 1) assetLink.subscribe(subscription(`attribute/a${count}/#`));
  expect(() => assetLink.subscribe(subscription("attribute/b/#"))).toThrow("subscribe: over 64 subscriptions");
});
