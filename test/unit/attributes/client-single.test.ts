// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { ClientAttributes } from "../../../modules/attributes/client.js";
import { OpenRemote } from "../../../modules/cloud/openremote.js";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import type { Reason } from "../../../modules/core/errors.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";

let clock: FakeClock;
let link: FakeLink;
let dialect: OpenRemote["attributes"];
let client: ClientAttributes;

beforeEach(() => {
  clock = new FakeClock();
  link = new FakeLink();
  const address = new OpenRemoteAddress("thing", "master", id);
  ({ attributes: dialect } = new OpenRemote({ clock, text, address, commands: undefined, silenced: [] }));
  client = new ClientAttributes({ link, dialect, clock, text, log: new FakeLog() });
});

/** The names published since the last time. */
function sent(): string[] {
  return link.published.splice(0).map(({ topic }) => String(topic.split("/")[3]));
}

/** A server that ends the session for one name, and has acknowledged whatever came before. Returns what was published. */
function endFor(name: string, reason: Reason = "connection-closed", isLive = true): string[] {
  const all: string[] = [];
  link.open();
  if (isLive) link.live();
  for (let names = sent(); names.length > 0; names = sent()) {
    all.push(...names);
    if (names.includes(name)) break;
    link.acknowledge();
  }
  link.close(reason);
  return all;
}

describe("attributes of one message each", () => {
  test("are left alone after three sessions that ended for them, and the others get through after the first", () => {
    client.publish({ bad: 1, one: 1, two: 2 });
    expect(endFor("bad")).toEqual(["bad"]);
    expect(endFor("bad")).toEqual(["one", "two", "bad"]);
    expect(endFor("bad")).toEqual(["bad"]);
    expect(dialect.isRefused("bad")).toBe(true);
    expect(endFor("bad")).toEqual([]);
  });

  test("are not accused by a server that closes before it has answered the subscriptions, unless it goes on doing so", () => {
    client.publish({ innocent: 1 });
    for (let session = 1; session <= 11; session += 1) endFor("innocent", "closed-after-connack", false);
    expect(dialect.isRefused("innocent")).toBe(false);
    endFor("innocent", "closed-after-connack", false);
    expect(dialect.isRefused("innocent")).toBe(true);
  });

  test.each<Reason>([...(["wifi-lost", "keepalive-timeout", "acknowledge-timeout", "closed-before-connack"] as const)])(
    "are not accused of sessions that end by %s",
    (reason) => {
      client.publish({ innocent: 1 });
      for (let session = 0; session < 20; session += 1) endFor("innocent", reason);
      expect(dialect.isRefused("innocent")).toBe(false);
    },
  );

  test("are not accused of sessions between which they were acknowledged", () => {
    for (let value = 0; value < 9; value += 1) {
      client.publish({ innocent: value });
      clock.advance(0);
      endFor("innocent");
      link.open();
      link.acknowledge();
      link.close("session-stopped");
    }
    expect(dialect.isRefused("innocent")).toBe(false);
  });

  test.each<[string, () => void]>([
    ["the manager tells of the attribute", () => deliver("late", "0")],
    ["the manager tells that the asset has changed", () => dialect.onAssetChanged()],
    ["an hour has passed", () => clock.advance(3_600_000)],
  ])("go, without being published again, within a minute after %s", (_, happen) => {
    client.publish({ late: 1 });
    for (let session = 0; session < 3; session += 1) endFor("late");
    link.open();
    link.live();
    clock.advance(600_000);
    expect(sent()).toEqual([]);
    happen();
    clock.advance(60_000);
    expect(sent()).toEqual(["late"]);
  });
});

function deliver(name: string, json: string): void {
  const bytes = new TextEncoder().encode(json);
  const reader = { onValue: () => undefined, onDeleted: () => undefined };
  dialect.readUpdate(`master/thing/attributevalue/${name}/${id}`, bytes, bytes.length, reader);
}
