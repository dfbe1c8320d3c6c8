// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Host } from "../../../modules/core/ports.js";
import { type Application, frameworkVersion } from "../../../modules/device/application.js";
import { Device } from "../../../modules/device/device.js";
import { FakeBoard } from "../../fakes/board.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";

const config = {
  ...{ server: { host: "server.test" }, credentials: { token: "T" }, wifi: [{ SSID: "home" }] },
  firmware: { title: "f", version: "1" },
  software: { title: "s", version: "1" },
};

let board: FakeBoard;
let clock: FakeClock;
let log: FakeLog;
let ran: string[];
let restarts: string[];
let device: Device;

/** What the next boot of the board begins with. */
function boot(changes: Partial<Host> = {}): Device {
  const { bootLoader, applicationSlot, openFlash, storage, resetReason } = board;
  clock = new FakeClock();
  log = new FakeLog();
  const network = new FakeNetwork();
  const host: Host = {
    ...{ clock, text, log, wifi: new FakeWiFi(), random: () => 0, storage, openFlash, bootLoader, applicationSlot },
    ...{ connect: network.connect, secure: () => network.connect },
    time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
    system: {
      ...{ identity: "0123456789ab", resetReason, description: "fake" },
      measure: () => undefined,
      indicate: () => undefined,
      restart: (reason) => restarts.push(reason),
    },
    ...changes,
  };
  device = new Device(host, config);
  return device;
}

const own: Application = () => void ran.push("own");

/** Application code that an update has brought. */
function bring(module: unknown): void {
  board.loadApplication = () => module;
  board.partition("xs_next").corrupt(0, [1]);
  board.storage.write("sw.state", new TextEncoder().encode('{"state":"selected"}'));
}

beforeEach(() => {
  board = new FakeBoard();
  ran = [];
  restarts = [];
});

describe("the application", () => {
  test("runs once, at the first start", () => {
    boot().start(own);
    device.stop();
    device.start(own);
    expect(ran).toEqual(["own"]);
  });

  test("may be left out", () => {
    boot().start();
    expect(log.events()).toContain("device.start");
  });

  test("is the one that came as a package, after a restart that brings it in", () => {
    bring({ framework: frameworkVersion, default: () => void ran.push("brought") });
    boot().start(own);
    expect([ran, restarts]).toEqual([[], ["new application"]]);
    expect(log.events()).not.toContain("device.start");
    board.reset();
    boot().start(own);
    expect(ran).toEqual(["brought"]);
  });

  test.each([
    ["for another framework", { framework: "0.0", default: () => void ran.push("brought") }, "wrong-framework"],
    ["without a function", { framework: frameworkVersion, default: 5 }, "wrong-framework"],
    ["that is nothing", {}, "wrong-framework"],
  ])("on trial %s gives way to the firmware's own", (_, module, reason) => {
    bring(module);
    boot().start(own);
    board.reset();
    boot().start(own);
    expect(ran).toEqual(["own"]);
    expect(log.reasons("ota.application")).toEqual([reason]);
    clock.advance(1_000);
    expect(restarts).toEqual(["new application", "trial failed"]);
    board.reset();
    boot().start(own);
    clock.advance(10_000);
    expect(ran).toEqual(["own", "own"]);
    expect(restarts).toHaveLength(2);
  });

  test("on trial that throws has failed", () => {
    bring({
      framework: frameworkVersion,
      default: () => {
        throw new RangeError("period: not 1 to 5");
      },
    });
    boot().start(own);
    board.reset();
    boot().start(own);
    expect(log.reasons("ota.trial-failed")).toEqual(["application-failed"]);
    board.reset();
    boot().start(own);
    expect(ran).toEqual(["own"]);
  });

  test("that cannot be loaded gives way to the firmware's own", () => {
    board.partition("xs").corrupt(0, [1]);
    board.loadApplication = () => {
      throw new DeviceError("image-refused");
    };
    boot().start(own);
    expect(ran).toEqual(["own"]);
    expect(log.reasons("ota.application")).toEqual(["image-refused"]);
  });

  test("that throws without being on trial is the end of the firmware", () => {
    boot();
    expect(() =>
      device.start(() => {
        throw new RangeError("mine");
      }),
    ).toThrow("mine");
  });
});

describe("a firmware on trial", () => {
  test("whose application throws gives itself up", () => {
    board.partition("ota_1").corrupt(0, [1]);
    board.bootLoader.select();
    board.reset();
    boot().start(() => {
      throw new RangeError("mine");
    });
    clock.advance(1_000);
    expect(restarts).toEqual(["trial failed"]);
  });
});

describe("after three boots that ended by themselves", () => {
  function fail(times: number): void {
    for (let boots = 0; boots < times; boots += 1) {
      boot().start(own);
      board.reset("panic");
    }
  }

  test("the device runs without its application, and says so", () => {
    fail(3);
    boot().start(own);
    expect(ran).toHaveLength(3);
    expect(device.isSafeMode).toBe(true);
    expect(log.events()).toEqual(expect.arrayContaining(["device.safe-mode", "device.start"]));
  });

  test("the device reports vital signs, which the application asks for otherwise", () => {
    boot().start(own);
    clock.advance(60_000);
    expect(device.telemetry.depth).toBe(0);
    fail(3);
    boot().start(own);
    clock.advance(0);
    const { depth } = device.telemetry;
    expect(depth).toBeGreaterThan(0);
    clock.advance(60_000);
    expect(device.telemetry.depth).toBe(2 * depth);
  });

  test("a restart that is asked for gives the application one more chance", () => {
    fail(3);
    boot().start(own);
    board.reset("software");
    boot().start(own);
    expect([ran.length, device.isSafeMode]).toEqual([4, false]);
    board.reset("panic");
    boot().start(own);
    expect(device.isSafeMode).toBe(true);
  });

  test("it takes calls to restart and to roll back only", () => {
    fail(3);
    boot().start(own);
    expect(() => device.rpc.handle("reboot", {}, () => null)).toThrow();
    expect(() => device.rpc.handle("rollback", {}, () => null)).toThrow();
  });
});

describe("device.ota", () => {
  test("says what runs", () => {
    expect(boot().ota.current("firmware")).toEqual({ title: "f", version: "1" });
    expect(device.ota.current("software")).toEqual({ title: "s", version: "1" });
  });

  test("does nothing where the platform has no boot loader", () => {
    boot({ bootLoader: undefined, applicationSlot: undefined } as unknown as Partial<Host>);
    expect(device.ota.current("firmware")).toBeUndefined();
    expect(() => device.ota.rollBack()).toThrow(RangeError);
    device.start(own);
    expect(ran).toEqual(["own"]);
  });

  test("refuses to roll back to nothing, by name", () => {
    expect(() => boot().ota.rollBack()).toThrow(DeviceError);
    expect(() => device.ota.rollBack("software")).toThrow("nothing to return to");
  });

  test("refuses a gate that is none, and a key that cannot be used", () => {
    boot();
    expect(() => device.ota.onReady("now" as never)).toThrow(TypeError);
    const withKey = { ...config, ota: { publicKey: "PEM" } };
    expect(() => new Device({ ...bareHost(), verifySignature: undefined } as never, withKey)).toThrow(
      "config.ota: publicKey",
    );
  });
});

function bareHost(): object {
  const { openFlash, storage } = board;
  const network = new FakeNetwork();
  return {
    ...{ clock, text, log, wifi: new FakeWiFi(), random: () => 0, storage, openFlash, connect: network.connect },
    secure: () => network.connect,
    time: { request: () => undefined },
    system: { identity: "0123456789ab", resetReason: "power-on", description: "fake", measure: () => undefined },
  };
}
