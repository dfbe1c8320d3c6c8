// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { ProvisioningConfig } from "../../../modules/device/config-server.js";
import { hour, identity, minute, second, World } from "./world.js";

/** A world whose device was live and is switched on again. */
function known(provisioning: Partial<ProvisioningConfig> = {}): World {
  const world = new World(provisioning);
  world.boot();
  world.goLive();
  world.run(minute);
  world.platform.visits.length = 0;
  world.platform.requests.length = 0;
  return world;
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe("credentials that the server once accepted and refuses now", () => {
  test("are tried for ever, and no others are asked for", () => {
    const world = known();
    world.platform.devices.clear();
    world.boot();
    world.run(24 * hour);
    expect(world.platform.requests).toEqual([]);
    expect(world.platform.visits.length).toBeGreaterThan(24 * 3);
    expect(world.storage.values.has("cred")).toBe(true);
  });

  test("are asked for again after five refusals, by policy", () => {
    const world = known({ whenRefused: "reprovision" });
    world.platform.devices.clear();
    world.boot();
    const time = world.goLive();
    expect(world.platform.visits.map(({ user, code }) => (user === "provision" ? user : code))).toEqual([
      ...[5, 5, 5, 5, 5],
      ...["provision", 0],
    ]);
    expect(time).toBeGreaterThan(45 * second);
    expect(time).toBeLessThan(8 * minute);
  });

  test.each([
    ["refuses that", ({ platform }: World) => (platform.strategy = "disabled")],
    ["does not answer that", ({ platform }: World) => (platform.isMute = true)],
  ])("are tried again when the server %s, too, and work as soon as they do", (_, upset) => {
    const world = known({ whenRefused: "reprovision", credentials: "server" });
    const [credentials] = world.platform.devices.values();
    world.platform.devices.clear();
    upset(world);
    world.boot();
    world.run(12 * hour);
    const { visits } = world.platform;
    const asked = visits.filter(({ user }) => user === "provision");
    expect(asked.length).toBeGreaterThan(5);
    expect(visits.length).toBeLessThan(12 * 24);
    if (credentials) world.platform.devices.set(identity, credentials);
    expect(world.goLive(10 * hour) - 12 * hour).toBeLessThan(hour);
  });

  test("a refusal now and then is no reason", () => {
    const world = known({ whenRefused: "reprovision" });
    for (let round = 0; round < 4; round += 1) {
      world.platform.refusals = 4;
      world.boot();
      world.goLive();
    }
    expect(world.platform.requests).toEqual([]);
  });
});

describe("credentials that the server gave and does not accept", () => {
  test("are given up after three refusals, and asked for again slowly", () => {
    const world = new World({ credentials: "server" });
    world.platform.reply = () => '{"status":"SUCCESS","credentialsType":"ACCESS_TOKEN","credentialsValue":"unknown"}';
    world.boot();
    world.run(hour);
    const asked = world.platform.visits.filter(({ user }) => user === "provision").map(({ at }) => at);
    expect(Math.min(...gapsOf(asked))).toBeGreaterThanOrEqual(10 * minute);
    expect(world.platform.visits.length).toBeLessThanOrEqual(asked.length * 4);
    expect(world.storage.values.has("cred")).toBe(false);
    world.platform.reply = undefined;
    world.platform.devices.clear();
    world.goLive();
  });

  test("are not thrown away, because the server gives them only once", () => {
    const world = new World({ credentials: "server" });
    world.platform.refusals = 7;
    world.boot();
    expect(world.goLive(2 * hour)).toBeGreaterThan(30 * minute);
    const refused = known({ whenRefused: "reprovision", credentials: "server" });
    refused.platform.devices.clear();
    refused.platform.refusals = 20;
    refused.boot();
    refused.goLive(12 * hour);
    refused.boot();
    expect(refused.goLive()).toBeLessThan(second);
  });

  test("give way to the old ones, if those are good again", () => {
    const world = known({ whenRefused: "reprovision", credentials: "server" });
    const [credentials] = world.platform.devices.values();
    world.platform.devices.clear();
    world.platform.reply = () => {
      if (credentials) world.platform.devices.set(identity, credentials);
      return '{"status":"SUCCESS","credentialsType":"ACCESS_TOKEN","credentialsValue":"unknown"}';
    };
    world.boot();
    world.goLive();
    world.run(second);
    expect(world.storage.values.has("cred.new")).toBe(false);
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
  });
});

describe("a certificate that is refused in the handshake", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n";
  const tls = { ca: "-----BEGIN CERTIFICATE-----" };

  test("is given up as one that is refused at CONNECT", () => {
    const credentials = { certificate, privateKey: "key" };
    const world = new World({ credentials }, { server: { host: "server.test", tls } });
    world.platform.refusesHandshakes = 3;
    world.boot();
    world.run(5 * minute);
    expect(world.log.reasons("provisioning.unaccepted")).toEqual(["tls-refused"]);
    world.goLive();
  });
});

describe("a device that was entered in advance", () => {
  test.each([
    ["a token", { type: "ACCESS_TOKEN", token: "an operator's" }],
    ["a client identifier", { type: "MQTT_BASIC", clientId: "an operator's" }],
    ["user name and password", { type: "MQTT_BASIC", userName: "u", password: "p" }],
    ["all three", { type: "MQTT_BASIC", clientId: "c", userName: "u", password: "p" }],
  ] as const)("gets %s that it has there, whatever it asked for", (_, credentials) => {
    const world = new World();
    world.platform.strategy = "check";
    world.platform.devices.set(identity, credentials);
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
    expect(world.platform.requests).toHaveLength(1);
  });
});
