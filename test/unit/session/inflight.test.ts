// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { Inflight } from "../../../modules/session/inflight.js";
import { Report } from "../../../modules/session/report.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

let clock: FakeClock;
let told: string[];
let report: Report;
const taken = new Set<number>();

const publisher = {
  onAcknowledged: (token: number) => told.push(`acknowledged ${token}`),
  onLost: (token: number) => told.push(`lost ${token}`),
};

beforeEach(() => {
  // Near the wrap of the clock's reading.
  clock = new FakeClock(0x7fff_ff00);
  told = [];
  report = new Report(clock, new FakeLog());
  taken.clear();
});

function make(window = 8): Inflight {
  return new Inflight({
    clock,
    window,
    acknowledgeTimeout: 20_000,
    others: { isPending: (id) => taken.has(id) },
    onTimeout: () => told.push(`timeout at ${clock.now}`),
    report,
  });
}

function add(inflight: Inflight, token: number): number {
  const id = inflight.nextId();
  inflight.add(id, publisher, token);
  return id;
}

describe("Inflight", () => {
  test("gives identifiers from 1 to 65535 and from 1 again", () => {
    const inflight = make();
    const ids = Array.from({ length: 65_536 }, () => inflight.nextId());
    expect(ids.every((id, index) => id === (index % 65_535) + 1)).toBe(true);
  });

  test("never gives an identifier that is in flight or taken by somebody else", () => {
    const inflight = make();
    expect([add(inflight, 1), add(inflight, 2)]).toEqual([1, 2]);
    taken.add(3);
    for (let id = 4; id <= 65_535; id += 1) inflight.nextId();
    expect(inflight.nextId()).toBe(4);
  });

  test("tells the publisher of an acknowledgement with its token, once", () => {
    const inflight = make();
    const id = add(inflight, 77);
    inflight.settle(id);
    inflight.settle(id);
    expect(told).toEqual(["acknowledged 77"]);
    expect(inflight.count).toBe(0);
  });

  test("passes over an acknowledgement that nobody waits for, also of identifier 0", () => {
    const inflight = make();
    add(inflight, 1);
    inflight.settle(0);
    inflight.settle(9);
    expect(told).toEqual([]);
    expect(inflight.count).toBe(1);
  });

  test("is full at its window, and again has room after an acknowledgement out of order", () => {
    const inflight = make(3);
    add(inflight, 1);
    const second = add(inflight, 2);
    expect(inflight.isFull).toBe(false);
    add(inflight, 3);
    expect(inflight.isFull).toBe(true);
    inflight.settle(second);
    expect(inflight.isFull).toBe(false);
    add(inflight, 4);
    inflight.loseAll();
    expect(told).toEqual(["acknowledged 2", "lost 1", "lost 3", "lost 4"]);
  });

  test("is full, where somebody waits for room, while a publisher is told of its acknowledgement, and not afterwards", () => {
    const inflight = make(2);
    const seen: boolean[] = [];
    const looks = {
      onAcknowledged: () => {
        seen.push(inflight.isFull);
        throw new Error("no");
      },
      onLost: () => {},
    };
    inflight.add(1, looks, 1);
    inflight.add(2, looks, 2);
    inflight.settle(1, true);
    seen.push(inflight.isFull);
    inflight.settle(2);
    expect(seen).toEqual([true, false, false]);
  });

  test("loses the oldest first, also when identifiers wrap around", () => {
    const inflight = make(4);
    for (let id = 1; id < 65_534; id += 1) inflight.nextId();
    expect([1, 2, 3, 4].map((token) => add(inflight, token))).toEqual([65_534, 65_535, 1, 2]);
    inflight.loseAll();
    expect(told).toEqual(["lost 1", "lost 2", "lost 3", "lost 4"]);
    expect(inflight.count).toBe(0);
  });

  test("says of what it loses which one was the oldest", () => {
    const inflight = make();
    const lost: unknown[] = [];
    const publisher = { onAcknowledged: () => {}, onLost: (...args: unknown[]) => lost.push(args) };
    for (const token of [1, 2, 3]) inflight.add(inflight.nextId(), publisher, token);
    inflight.settle(1);
    inflight.loseAll();
    expect(lost).toEqual([
      [2, true],
      [3, false],
    ]);
  });

  test("loses the oldest first, also where the clock goes on while it looks", () => {
    const inflight = make();
    for (const token of [1, 2]) add(inflight, token);
    let reading = 0;
    clock.elapsed = () => {
      reading += 1;
      return reading;
    };
    inflight.loseAll();
    expect(told).toEqual(["lost 1", "lost 2"]);
  });

  test("narrows its window to what the server takes, and never below one", () => {
    const inflight = make(8);
    inflight.limit(2);
    add(inflight, 1);
    expect(inflight.isFull).toBe(false);
    add(inflight, 2);
    expect(inflight.isFull).toBe(true);
    inflight.limit(undefined);
    expect(inflight.isFull).toBe(false);
    inflight.loseAll();
    inflight.limit(0);
    expect(inflight.isFull).toBe(false);
  });

  test("times out when the oldest publish, not the latest, was not acknowledged for 20 s", () => {
    const inflight = make();
    const first = add(inflight, 1);
    clock.advance(5_000);
    add(inflight, 2);
    clock.advance(10_000);
    inflight.settle(first);
    add(inflight, 3);
    clock.advance(9_999);
    expect(told).toEqual(["acknowledged 1"]);
    clock.advance(1);
    expect(told).toEqual(["acknowledged 1", "timeout at 25000"]);
  });

  test("has no timer running when nothing is in flight", () => {
    const inflight = make();
    inflight.settle(add(inflight, 1));
    expect(clock.pending).toBeUndefined();
    add(inflight, 2);
    inflight.loseAll();
    expect(clock.pending).toBeUndefined();
  });

  test("survives publishers that throw, and counts them", () => {
    const inflight = make();
    const fails = {
      onAcknowledged: () => {
        throw new Error("no");
      },
      onLost: () => {
        throw new Error("no");
      },
    };
    inflight.add(1, fails, 1);
    inflight.add(2, fails, 2);
    inflight.add(3, publisher, 3);
    inflight.settle(1);
    inflight.loseAll();
    expect(told).toEqual(["lost 3"]);
    expect(report.counts.of("handler-failed")).toBe(2);
  });
});
