// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import type { LogLevel } from "../../../modules/core/ports.js";
import { LogTap } from "../../../modules/health/log-tap.js";
import { RemoteLog, type RemoteLogLevel } from "../../../modules/health/remote-log.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const boot = 1_767_225_600_000;

function setUp(level: RemoteLogLevel = "info", rate = 60) {
  const clock = new FakeClock(0x7fff_f000);
  const link = new FakeLink();
  const time = { isKnown: true };
  const remote = new RemoteLog({
    ...{ link, clock, text, dialect: new ThingsBoard(text).telemetry },
    wallClock: { uptime: () => clock.now, epoch: (uptime) => (time.isKnown ? boot + uptime : undefined) },
  });
  remote.set(level, rate);
  const say = (detail: string, lineLevel: LogLevel = "warning") => remote.add(lineLevel, "app.step", detail, undefined);
  const goLive = () => {
    link.open();
    link.live();
  };
  /** What was published since the last look: the lines of each message. */
  const messages = (): string[][] =>
    link.published.splice(0).map(({ payload }) => {
      const instants: unknown = JSON.parse(payload);
      return (Array.isArray(instants) ? instants : [instants]).map(({ values, log }) => (values ?? { log }).log);
    });
  return { clock, link, time, remote, say, goLive, messages };
}

describe("RemoteLog", () => {
  test("sends a line as telemetry with the time at which it was logged, not inside the call", () => {
    const { clock, link, remote, goLive } = setUp();
    goLive();
    clock.advance(5_000);
    remote.add("error", "session.subscription", "v2/a", "subscription-refused");
    expect(link.published).toEqual([]);
    clock.advance(250);
    expect(link.published).toMatchObject([
      {
        topic: "v2/t",
        QoS: 1,
        dataPoints: 1,
        payload: `{"ts":${boot + 5_000},"values":{"log":"error session.subscription (subscription-refused) v2/a"}}`,
      },
    ]);
  });

  test("sends lines that come in a swarm together, each at an instant of its own, because the server keeps one per instant", () => {
    const { clock, link, say, goLive } = setUp();
    goLive();
    for (const detail of ["a", "b", "c"]) say(detail);
    clock.advance(250);
    const instants: { ts: number }[] = JSON.parse(link.published[0]?.payload ?? "");
    expect(instants.map(({ ts }) => ts - boot)).toEqual([0, 1, 2]);
  });

  test.each<[RemoteLogLevel, string[]]>([
    ["off", []],
    ["error", ["error"]],
    ["warning", ["warning", "error"]],
    ["info", ["info", "warning", "error"]],
    ["debug", ["debug", "info", "warning", "error"]],
  ])("at level %s sends %j", (level, expected) => {
    const { clock, say, goLive, messages } = setUp(level);
    goLive();
    for (const each of ["debug", "info", "warning", "error"] as const) say("x", each);
    clock.advance(250);
    expect(messages().flat()).toEqual(expected.map((each) => `${each} app.step x`));
  });

  test("has one message on its way at a time", () => {
    const { clock, link, say, goLive, messages } = setUp();
    goLive();
    say("a");
    clock.advance(250);
    say("b");
    say("c");
    clock.advance(10_000);
    expect(messages()).toEqual([["warning app.step a"]]);
    link.acknowledge();
    clock.advance(250);
    expect(messages()).toEqual([["warning app.step b", "warning app.step c"]]);
  });

  test("takes no more lines than the rate in a minute, and tells with the next one how many it left out", () => {
    const { clock, link, say, goLive, messages } = setUp("info", 6);
    goLive();
    for (let index = 0; index < 10; index += 1) say(`${index}`);
    clock.advance(250);
    expect(messages().flat()).toEqual(["0", "1", "2", "3", "4", "5"].map((index) => `warning app.step ${index}`));
    link.acknowledge();
    clock.advance(9_749);
    say("too soon");
    clock.advance(1);
    say("in time");
    say("too many");
    clock.advance(250);
    expect(messages().flat()).toEqual(["[5 left out] warning app.step in time"]);
    let sent = 0;
    for (let second = 0; second < 600; second += 1) {
      link.acknowledge();
      clock.advance(1_000);
      say("flood");
      sent += messages().flat().length;
    }
    expect(sent).toBeGreaterThanOrEqual(59);
    expect(sent).toBeLessThanOrEqual(61);
  });

  test("keeps the newest 16 lines while there is no session, and counts the others", () => {
    const { clock, link, say, goLive, messages } = setUp();
    for (let index = 0; index < 20; index += 1) say(`${index}`);
    clock.advance(60_000);
    goLive();
    link.acknowledge();
    clock.advance(250);
    const lines = messages().flat();
    expect(lines).toHaveLength(16);
    expect(lines[0]?.endsWith("app.step 4")).toBe(true);
    expect(lines.at(-1)?.endsWith("app.step 19")).toBe(true);
    let leftOut = 0;
    for (const line of lines) if (line.startsWith("[")) leftOut += Number(line.slice(1, line.indexOf(" ")));
    expect(leftOut).toBe(4);
  });

  test("a line that is on its way makes no room for others, whatever comes", () => {
    const { clock, link, say, goLive, messages } = setUp("info", 600);
    goLive();
    for (let index = 0; index < 16; index += 1) say(`${index}`);
    clock.advance(250);
    for (let index = 16; index < 80; index += 1) say(`${index}`);
    const first = messages().flat().length;
    expect(first).toBeLessThan(16);
    link.acknowledge();
    clock.advance(250);
    const second = messages().flat();
    expect(second.at(-1)?.endsWith(" 79")).toBe(true);
    expect(second).toHaveLength(16 - first);
  });

  test("a line that was on its way is there when the session ends, however many came meanwhile", () => {
    const { clock, link, say, goLive, messages } = setUp("info", 600);
    goLive();
    for (const detail of ["a", "b"]) say(detail);
    clock.advance(250);
    for (let index = 0; index < 40; index += 1) say(`${index}`);
    messages();
    link.close();
    goLive();
    expect(messages()[0]?.slice(0, 2)).toEqual(["warning app.step a", "warning app.step b"]);
  });

  test("sends again after the session what was lost with it, once", () => {
    const { clock, link, say, goLive, messages } = setUp();
    goLive();
    say("a");
    clock.advance(250);
    link.close();
    goLive();
    expect(messages()).toEqual([["warning app.step a"], ["warning app.step a"]]);
    link.close();
    goLive();
    clock.advance(60_000);
    expect(messages()).toEqual([]);
    say("b");
    clock.advance(250);
    expect(messages()).toEqual([["[1 left out] warning app.step b"]]);
  });

  test("sends nothing before the server has accepted the session", () => {
    const { clock, link, say, messages } = setUp();
    link.open();
    say("a");
    clock.advance(60_000);
    expect(messages()).toEqual([]);
    link.live();
    expect(messages()).toEqual([["warning app.step a"]]);
  });

  test("lets the server stamp a line of unknown time, one in a message", () => {
    const { clock, link, time, say, goLive, messages } = setUp();
    time.isKnown = false;
    goLive();
    say("a");
    say("b");
    clock.advance(250);
    expect(link.published[0]?.payload).toBe('{"log":"warning app.step a"}');
    link.acknowledge();
    clock.advance(250);
    expect(messages()).toEqual([["warning app.step a"], ["warning app.step b"]]);
  });

  test("waits for room, and leaves half of the server's limits to the data", () => {
    const { clock, link, say, goLive, messages } = setUp();
    goLive();
    link.spare = 0.49;
    say("a");
    clock.advance(250);
    link.spare = 0.5;
    link.room = 0;
    link.relieve(0);
    expect(messages()).toEqual([]);
    link.relieve();
    expect(messages()).toEqual([["warning app.step a"]]);
  });

  test("cuts a line, and leaves out one that the session cannot carry", () => {
    const { clock, link, say, goLive, messages } = setUp();
    goLive();
    say("x".repeat(1_000));
    clock.advance(250);
    expect(messages()[0]?.[0]).toHaveLength("warning ".length + 160);
    link.acknowledge();
    link.maxPayload = 120;
    say("y".repeat(150));
    say("short");
    clock.advance(250);
    expect(messages()).toEqual([["warning app.step short"]]);
    link.acknowledge();
    say("\u0001".repeat(150));
    link.maxPayload = 8_192;
    say("\u0001".repeat(150));
    clock.advance(250);
    for (const { payload } of link.published) expect(JSON.parse(payload)).toBeDefined();
  });

  test("never puts more lines into a message than half of what the server allows data points", () => {
    const { clock, link, say, goLive, messages } = setUp();
    link.maxDataPoints = 4;
    goLive();
    for (const detail of ["a", "b", "c"]) say(detail);
    clock.advance(250);
    expect(messages()[0]).toHaveLength(2);
  });

  test("a line about sending is no reason to send, so that one line never leads to the next", () => {
    const { clock, link, remote, goLive } = setUp();
    const tap = new LogTap(new FakeLog());
    tap.listen((...line) => remote.add(...line));
    const { publish } = link;
    link.publish = (...message) => {
      tap.write("warning", "session.failure", "sent something");
      return publish.apply(link, message);
    };
    goLive();
    tap.write("warning", "app.step", "the only one");
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      link.acknowledge();
    }
    expect(link.published).toHaveLength(1);
  });

  test("forgets what waits when it is switched off, and not what is on its way", () => {
    const { clock, link, remote, say, goLive, messages } = setUp();
    goLive();
    say("a");
    clock.advance(250);
    say("b");
    remote.set("off", 60);
    link.acknowledge();
    clock.advance(60_000);
    expect(messages()).toEqual([["warning app.step a"]]);
    remote.set("info", 60);
    say("c");
    clock.advance(250);
    expect(messages()).toEqual([["warning app.step c"]]);
  });

  test.each<[unknown, unknown, typeof RangeError | typeof TypeError]>([
    ["loud", 60, RangeError],
    [3, 60, TypeError],
    ["info", 0, RangeError],
    ["info", 601, RangeError],
    ["info", "60", TypeError],
  ])("refuses level %j at rate %j and keeps what it had", (level, rate, error) => {
    const { remote } = setUp("warning", 30);
    expect(() => remote.set(level as RemoteLogLevel, rate as number)).toThrow(error);
    expect([remote.level, remote.rate]).toEqual(["warning", 30]);
  });
});
