// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { DeviceAttributes } from "../../../modules/device/device-attributes.js";
import { OfferFeed } from "../../../modules/device/offer-feed.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";

const names = ["fw_title", "fw_version", "sw_title"];

/** A feed, its session, and a server that answers when the test says so. */
class Room {
  readonly clock = new FakeClock();
  readonly link = new FakeLink();
  readonly answers: Record<string, Json>[] = [];
  readonly feed: OfferFeed;

  constructor() {
    const { clock, link } = this;
    const dialect = new ThingsBoard(text);
    const parts = {
      clock,
      link,
      dialect,
      text,
      random: () => 0x8000_0000,
      storage: new FakeStorage(),
      log: new FakeLog(),
    };
    this.feed = new OfferFeed(parts, new DeviceAttributes(parts), names, (values) =>
      this.answers.push(Object.fromEntries(values)),
    );
  }

  connect(): void {
    this.link.open();
    this.link.live();
  }

  /** Ids of the questions since the last time. */
  asked(): string[] {
    const asked = this.link.published.splice(0).filter(({ topic }) => topic.startsWith("v2/a/req/"));
    for (const { payload } of asked) expect(JSON.parse(payload)).toEqual({ sharedKeys: names.join(",") });
    this.link.acknowledge();
    return asked.map(({ topic }) => topic.slice(topic.lastIndexOf("/") + 1));
  }

  answer(id: string | undefined, shared: Record<string, unknown>): void {
    this.link.deliver(`v2/a/res/${id}`, JSON.stringify({ shared }));
  }

  /** The server tells of a change. */
  tell(change: unknown): void {
    this.link.deliver("v2/a", typeof change === "string" ? change : JSON.stringify(change));
  }

  /** Connected, and the first question answered. */
  static settled(): Room {
    const room = new Room();
    room.connect();
    room.answer(room.asked()[0], { fw_title: "t" });
    room.answers.length = 0;
    return room;
  }
}

describe("OfferFeed", () => {
  test("asks for everything after every connect", () => {
    const room = new Room();
    for (let session = 1; session <= 3; session += 1) {
      room.connect();
      const asked = room.asked();
      expect(asked).toHaveLength(1);
      room.answer(asked[0], { fw_title: "t", fw_version: "1.10", other: 5 });
      expect(room.answers).toHaveLength(session);
      room.link.close();
    }
    expect(room.answers[0]).toMatchObject({ fw_title: "t", fw_version: "1.10" });
  });

  test("hands on that the server has nothing", () => {
    const room = new Room();
    room.connect();
    room.answer(room.asked()[0], {});
    expect(room.answers).toEqual([{}]);
  });

  test.each([
    ["a value", { fw_version: "2" }],
    ["a deletion", { deleted: ["x", "sw_title"] }],
    ["one among others", { period: 5, fw_title: "t", blink: true }],
  ])("asks once when it is told of %s, a moment later", (_, change) => {
    const room = Room.settled();
    room.tell(change);
    room.clock.advance(150);
    room.tell({ deleted: ["fw_version"] });
    room.tell({ fw_title: "t" });
    room.clock.advance(199);
    expect(room.asked()).toEqual([]);
    room.clock.advance(1);
    expect(room.asked()).toHaveLength(1);
    room.clock.advance(5_000);
    expect(room.asked()).toEqual([]);
  });

  test.each([[{ period: 5 }], [{ deleted: ["fw_tags"] }], ["{"], ["[]"], [""], [{ shared: { fw_title: "t" } }]])(
    "does not ask when it is told of %j",
    (change) => {
      const room = Room.settled();
      room.tell(change);
      room.clock.advance(60_000);
      expect(room.asked()).toEqual([]);
    },
  );

  test("asks when it is asked to, but no second time at once", () => {
    const room = Room.settled();
    room.feed.ask();
    room.feed.ask();
    const asked = room.asked();
    expect(asked).toHaveLength(1);
    room.answer(asked[0], { fw_title: "u" });
    room.answer(asked[0], { fw_title: "u" });
    expect(room.answers).toEqual([{ fw_title: "u" }]);
    room.feed.ask();
    expect(room.asked()).toHaveLength(1);
  });

  test("asks again where no answer comes, less and less often", () => {
    const room = new Room();
    room.connect();
    const pauses: number[] = [];
    let last = room.clock.now;
    expect(room.asked()).toHaveLength(1);
    while (pauses.length < 12) {
      room.clock.advance(500);
      if (room.asked().length === 0) continue;
      pauses.push(room.clock.now - last);
      last = room.clock.now;
    }
    expect(pauses[0]).toBeLessThan(16_000);
    expect(Math.max(...pauses)).toBeLessThan(311_000);
    expect([...pauses].sort((one, other) => one - other)).toEqual(pauses);
  });

  test("asks nothing without a session, and forgets what it was about to ask", () => {
    const room = Room.settled();
    room.tell({ fw_version: "2" });
    room.link.close();
    room.feed.ask();
    room.clock.advance(3_600_000);
    expect(room.asked()).toEqual([]);
    room.connect();
    expect(room.asked()).toHaveLength(1);
  });

  test("asks in the next session where the answer was lost with this one", () => {
    const room = new Room();
    room.connect();
    const [lost] = room.asked();
    room.link.close();
    room.clock.advance(1_000);
    room.connect();
    const asked = room.asked();
    expect(asked).toHaveLength(1);
    room.answer(lost, { fw_title: "old" });
    expect(room.answers).toEqual([]);
    room.answer(asked[0], { fw_title: "new" });
    expect(room.answers).toEqual([{ fw_title: "new" }]);
  });

  test("asks as soon as there is room for it", () => {
    const room = new Room();
    room.link.room = 0;
    room.connect();
    room.link.relieve();
    expect(room.asked()).toHaveLength(1);
  });
});
