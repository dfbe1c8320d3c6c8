// SPDX-License-Identifier: Apache-2.0

import { describe, expect, jest, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { flashFolder } from "../board.js";
import { pause, until } from "../until.js";
import { boot, isLive, logged } from "./device-fixture.js";
import { login, messages, startManager } from "./manager-fixture.js";

jest.setTimeout(40_000);

/** Until the device's clock is surely behind what the manager has stored: the manager's runs ahead in bursts. */
function settle(): Promise<void> {
  return pause(60);
}

describe("a device of OpenRemote", () => {
  test("writes data with the time at which they were recorded, all of them into the history", async () => {
    const { manager, room } = await startManager();
    const from = Date.now();
    const here = boot({ manager, openremote: { realm: "master", assetId: room } });
    here.device.start();
    for (let sample = 0; sample < 5; sample += 1) {
      here.device.telemetry.record({ level: 20 + sample, on: sample % 2 === 0 });
      await pause(3);
    }
    await until("all are delivered", () => here.device.telemetry.delivered === 10);
    await manager.until(() => manager.history(room, "level").length >= 5);
    const points = manager.history(room, "level");
    expect(points.map(({ value }) => value)).toEqual([20, 21, 22, 23, 24]);
    for (const { timestamp } of points) expect(timestamp - from).toBeGreaterThanOrEqual(0);
    expect(manager.valueOf(room, "level")).toBe(24);
    expect(manager.denied).toEqual([]);
  });

  test("fills the history in after an outage, and leaves the present value alone", async () => {
    const { manager, room, user } = await startManager();
    const folder = flashFolder();
    const openremote = { realm: "master", assetId: room };
    const before = boot({ manager, openremote, folder });
    before.device.start();
    await until("it is live", () => isLive(before));
    manager.editUser(user, { isEnabled: false });
    await until("it is thrown out", () => manager.clients.length === 0);
    before.device.telemetry.record("level", 2);
    await pause(5);
    before.device.telemetry.record("level", 3);
    before.stop();
    manager.write(room, "level", 4);
    manager.editUser(user, { isEnabled: true });
    const after = boot({ manager, openremote, folder });
    after.device.start();
    await until("all are delivered", () => after.device.telemetry.delivered === 2);
    await manager.until(() => manager.history(room, "level").length >= 3);
    expect(manager.history(room, "level").map(({ value }) => value)).toEqual([2, 3, 4]);
    expect(manager.valueOf(room, "level")).toBe(4);
    expect(manager.log.filter(({ kind }) => kind === "denied")).toEqual([]);
  });

  test("is not held back by the limits of another platform", async () => {
    const { manager, room } = await startManager();
    const here = boot({ manager, openremote: { realm: "master", assetId: room } });
    here.device.start();
    await until("it is live", () => isLive(here));
    for (let sample = 0; sample < 200; sample += 1) here.device.telemetry.record("level", sample);
    await until("all are delivered", () => here.device.telemetry.delivered === 200, 5_000);
    expect(manager.clients[0]).toMatchObject({ keepsSession: false, timeout: 45_000 });
  });

  test("quotes text, so that it does not clear the attribute", async () => {
    const { manager, room } = await startManager();
    const here = boot({ manager, openremote: { realm: "master", assetId: room } });
    here.device.start();
    here.device.attributes.publish({ note: "Hello" });
    await until("the note is there", () => manager.valueOf(room, "note") === "Hello");
    await settle();
    here.device.telemetry.record("note", 'a "quote"');
    await until("the other note is there", () => manager.valueOf(room, "note") === 'a "quote"');
  });

  test("learns what others write, once, and nothing of what it wrote itself", async () => {
    const { manager, room } = await startManager();
    const here = boot({ manager, openremote: { realm: "master", assetId: room } });
    const heard: (Json | undefined)[] = [];
    here.device.attributes.declareShared("level", "number", (value) => heard.push(value));
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.write(room, "level", 50);
    await until("it has heard", () => heard.length === 1);
    here.device.attributes.publish({ level: 60 });
    await until("its own is stored", () => manager.valueOf(room, "level") === 60);
    await settle();
    here.device.telemetry.record("level", 61);
    await until("its own datum is stored", () => manager.valueOf(room, "level") === 61);
    manager.write(room, "level", 50);
    await until("it has heard again", () => heard.length === 2);
    expect(heard).toEqual([50, 50]);
    manager.write(room, "level", 50);
    manager.write(room, "level", null);
    await until("it has heard that there is none", () => heard.length === 3);
    expect(heard).toEqual([50, 50, undefined]);
  });

  test("keeps what it knows over a restart, because nobody repeats it", async () => {
    const { manager, room } = await startManager();
    const folder = flashFolder();
    const openremote = { realm: "master", assetId: room };
    const before = boot({ manager, openremote, folder });
    let known: Json | undefined;
    before.device.attributes.onShared("level", (value) => {
      known = value;
    });
    before.device.start();
    await until("it is live", () => isLive(before));
    manager.write(room, "level", 7);
    await until("it has heard", () => known === 7);
    before.stop();
    const after = boot({ manager, openremote, folder });
    const heard: (Json | undefined)[] = [];
    after.device.attributes.onShared("level", (value) => heard.push(value));
    after.device.start();
    await until("it is live again", () => isLive(after));
    expect(heard).toEqual([7]);
  });

  test("does not tell of itself what the asset has no place for, and does where it has", async () => {
    const { manager } = await startManager();
    const attributes = { lastReset: { type: "JSONObject" }, uptime: { type: "number" }, log: { type: "text" } };
    const asset = manager.addAsset({ realm: "master", name: "thing", attributes });
    const here = boot({
      ...{ manager, openremote: { realm: "master", assetId: asset, reports: ["lastReset", "uptime", "log"] } },
      config: { health: { period: 100, logLevel: "info" } },
    });
    here.device.start();
    await until("it tells", () =>
      ["lastReset", "uptime", "log"].every((name) => manager.valueOf(asset, name) !== null),
    );
    expect(manager.valueOf(asset, "lastReset")).toMatchObject({ reason: expect.any(String) });
    expect(manager.denied).toEqual([]);
    expect(here.device.telemetry.quarantined).toBe(0);
  });

  test("gives up a datum for which the asset has no attribute, and then all of that name; everything else gets through", async () => {
    const { manager, room } = await startManager();
    const attributes = { level: { type: "number" }, quarantined: { type: "number" } };
    manager.editAsset(room, { attributes });
    const openremote = { realm: "master", assetId: room, reports: ["quarantined"] };
    const here = boot({ manager, openremote, haste: 40 });
    const quarantined: string[] = [];
    here.device.telemetry.onQuarantined((key) => quarantined.push(key));
    here.device.start();
    await until("it is live", () => isLive(here));
    here.device.telemetry.record("missing", 1);
    // What gets through shows that it is not the manager that is out of order.
    let level = 0;
    const sampling = setInterval(() => {
      level += 1;
      here.device.telemetry.record("level", level);
    }, 50);
    await until("it is given up", () => quarantined.length > 0, 30_000).finally(() => clearInterval(sampling));
    expect(quarantined).toEqual(["missing"]);
    await until("the other is delivered", () => here.device.telemetry.delivered === level);
    const closes = manager.denied.length;
    here.device.telemetry.record("missing", 2);
    here.device.telemetry.record("level", -1);
    await until("the other is stored, too", () => manager.valueOf(room, "level") === -1);
    expect(manager.denied).toHaveLength(closes);
    expect(here.device.telemetry.refused).toBe(1);
    // An operator adds the attribute, and the manager tells of it.
    manager.editAsset(room, { attributes: { ...attributes, missing: { type: "number" } } });
    await pause(50);
    here.device.telemetry.record("missing", 3);
    await until("it is taken", () => manager.valueOf(room, "missing") === 3);
    // The vital sign is what has the place, and nothing else was written there.
    const toQuarantined = manager.log.filter(({ topic }) => topic?.endsWith("/quarantined"));
    expect(toQuarantined.filter(({ kind }) => kind === "dropped")).toEqual([]);
  });

  test("keeps its data while an operator has taken its role away, and delivers them when it is given back", async () => {
    const { manager, room, user } = await startManager();
    user.roles = ["read:assets"];
    const here = boot({ manager, openremote: { realm: "master", assetId: room }, haste: 40 });
    here.device.start();
    for (let level = 1; level <= 3; level += 1) {
      here.device.telemetry.record("level", level);
      await pause(3);
    }
    here.device.telemetry.record("on", true);
    await until("it is denied", () => manager.denied.length >= 7, 20_000);
    expect(here.device.telemetry).toMatchObject({ delivered: 0, quarantined: 0, refused: 0, depth: 4 });
    user.roles = ["write", "read"];
    await until("all are delivered", () => here.device.telemetry.delivered === 4, 20_000);
    expect(manager.history(room, "level").map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  test("stays live where an event is larger than it can receive", async () => {
    const { manager, room } = await startManager();
    const here = boot({ manager, openremote: { realm: "master", assetId: room } });
    const heard: (Json | undefined)[] = [];
    here.device.attributes.onShared("note", (value) => heard.push(value));
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.write(room, "note", "x".repeat(20_000));
    await settle();
    manager.write(room, "note", "small");
    await until("it has heard", () => heard.length === 1);
    expect(heard).toEqual(["small"]);
    expect(logged(here, "session.failure")).toMatchObject([{ reason: "payload-too-large" }]);
    expect(logged(here, "session.disconnected")).toEqual([]);
  });

  test("gives up an attribute that the asset has not", async () => {
    const happened: string[] = [];
    const { manager, room } = await startManager({
      onStored: ({ name }) => happened.push(`${name} stored`),
      onLog: ({ kind, topic }) => topic?.includes("/missing/") && happened.push(`missing ${kind}`),
    });
    const here = boot({ manager, openremote: { realm: "master", assetId: room }, haste: 40 });
    here.device.start();
    await until("it is live", () => isLive(here));
    here.device.attributes.publish({ missing: 1 });
    here.device.attributes.publish({ note: "there" });
    await until("the other is stored", () => manager.valueOf(room, "note") === "there", 30_000);
    expect(happened.slice(0, 2)).toEqual(["missing denied", "note stored"]);
    await until("it is given up", () => logged(here, "attributes.publish").length === 1, 30_000);
    expect(logged(here, "attributes.publish")).toMatchObject([{ reason: "poisoned-datum" }]);
    expect(manager.denied).toHaveLength(3);
    const lives = logged(here, "session.live").length;
    await until("it is back", () => isLive(here, lives + 1));
    // The manager tells that the asset is another, and nobody has to write to the attribute.
    manager.editAsset(room, { attributes: { note: { type: "text" }, missing: { type: "number" } } });
    await until("it is stored", () => manager.valueOf(room, "missing") === 1);
  });

  test("waits until the manager has forgotten the connection before, which closes without a word until then", async () => {
    const { manager, room, connect } = await startManager();
    const other = await connect({ clientId: "thing" });
    const here = boot({ manager, openremote: { realm: "master", assetId: room }, haste: 20 });
    here.device.start();
    await until("it is turned away", () => logged(here, "session.disconnected").length > 0);
    expect(logged(here, "session.disconnected")[0]).toMatchObject({ reason: "closed-before-connack" });
    const [, waiting] = logged(here, "session.waiting");
    expect(Number(waiting?.detail.split(" ")[3])).toBeGreaterThanOrEqual(45_000);
    other.destroy();
    await until("it is let in", () => isLive(here));
    expect(manager.denied).toHaveLength(1);
  });

  test("has the manager write its last will when it vanishes, in JSON, and not when it takes leave", async () => {
    const { manager, room } = await startManager();
    const openremote = { realm: "master", assetId: room, will: { attribute: "note", value: "gone" } };
    const here = boot({ manager, openremote });
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.drop("thing");
    await until("the will is written", () => manager.valueOf(room, "note") === "gone");
    await until("it is back", () => isLive(here, 2));
    manager.write(room, "note", "here");
    here.device.stop();
    await until("it has left", () => manager.clients.length === 0);
    expect(manager.valueOf(room, "note")).toBe("here");
  });

  test("is deaf but alive where it may not subscribe, and hears after the roles are given", async () => {
    const { manager, room, user } = await startManager();
    user.roles = ["write:attributes"];
    const here = boot({ manager, openremote: { realm: "master", assetId: room }, haste: 20 });
    const heard: (Json | undefined)[] = [];
    here.device.attributes.onShared("level", (value) => heard.push(value));
    here.device.start();
    await until("it is live", () => isLive(here));
    here.device.telemetry.record("level", 4);
    await until("its datum is stored", () => manager.valueOf(room, "level") === 4);
    expect(logged(here, "session.subscription")).toHaveLength(2);
    user.roles = ["write"];
    await until("it asks again", () => {
      manager.write(room, "level", heard.length + 10);
      return heard.length > 0;
    });
  });

  test.each([
    ["another realm's user", { userName: "foreigner", password: "secret", clientId: "thing" }],
    ["a wrong secret", { userName: "device", password: "wrong", clientId: "thing" }],
  ])("is not let in with %s", async (_, credentials) => {
    const { manager, room } = await startManager();
    manager.addRealm("other");
    manager.addUser({ realm: "other", username: "foreigner", secret: "secret" });
    const here = boot({ manager, openremote: { realm: "master", assetId: room }, config: { credentials } });
    here.device.start();
    await until("it is refused", () => logged(here, "session.disconnected").length > 0);
    expect(logged(here, "session.disconnected")[0]).toMatchObject({ reason: "refused-authorization" });
  });

  test("hears a restricted user's events, and comes back after its links have changed", async () => {
    const { manager, room } = await startManager({ linkChangeDelay: 20 });
    const user = manager.addUser({
      ...{ realm: "master", username: "narrow", secret: "s" },
      isRestricted: true,
      links: [room],
    });
    const credentials = { userName: "narrow", password: "s", clientId: "thing" };
    const here = boot({ manager, openremote: { realm: "master", assetId: room }, config: { credentials } });
    const heard: (Json | undefined)[] = [];
    here.device.attributes.onShared("level", (value) => heard.push(value));
    here.device.start();
    await until("it is live", () => isLive(here));
    const shed = manager.addAsset({ realm: "master", name: "other", attributes: {} });
    manager.link(user, shed);
    await until("it was thrown out and came back", () => isLive(here, 2));
    manager.write(room, "level", 12);
    await until("it hears", () => heard.length === 1);
  });
});

test("what a device writes is told to others as it wrote it", async () => {
  const { manager, room, connect } = await startManager();
  const reader = await connect(login());
  reader.send({
    cmd: "subscribe",
    messageId: 1,
    subscriptions: [{ topic: `master/raw/attributevalue/+/${room}`, qos: 0 }],
  });
  await reader.next("suback");
  const here = boot({ manager, openremote: { realm: "master", assetId: room } });
  here.device.start();
  here.device.telemetry.record({ on: true });
  await until("it is delivered", () => here.device.telemetry.delivered === 1);
  expect(await messages(reader)).toContainEqual({ topic: `master/raw/attributevalue/on/${room}`, payload: "true" });
});
