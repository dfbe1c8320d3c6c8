// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { DeviceConfig } from "../../../modules/device/config.js";
import type { ProvisioningConfig } from "../../../modules/device/config-server.js";
import { hour, minute, World } from "./world.js";

const tls = { ca: "-----BEGIN CERTIFICATE-----\nAUTHORITY\n-----END CERTIFICATE-----" };
const certificate = "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n";
const privateKey = "-----BEGIN PRIVATE KEY-----\nhush-private-key\n-----END PRIVATE KEY-----\n";
const secrets = ["hush-", "profile-key", "profile-secret", "server-made-", "wifi-password", "PRIVATE KEY"];

/** Everything a device says of itself: its log, and what it publishes, telemetry and attributes among it. */
function saidBy(world: World): string[] {
  const logged = world.log.entries.map(({ event, detail, reason }) => `${event} ${detail} ${reason}`);
  return [...logged, ...world.platform.published];
}

/** A life with all that can go wrong: refusals, broken storage, lost replies, nonsense, a claim, restarts. */
function live(provisioning: Partial<ProvisioningConfig>, server: DeviceConfig["server"]): World {
  const world = new World({ whenRefused: "reprovision", ...provisioning }, { server });
  const { platform, storage } = world;
  platform.strategy = "disabled";
  world.boot();
  world.run(hour);
  platform.strategy = "create";
  platform.lostReplies = 1;
  storage.isFull = true;
  world.run(hour);
  storage.isFull = false;
  platform.reply = () => '{"status":"SUCCESS","credentialsType":"X509_CERTIFICATE","credentialsValue":"hush-foreign"}';
  world.run(hour);
  platform.reply = undefined;
  platform.devices.clear();
  platform.refusals = 3;
  world.device.claiming.open({ secretKey: "claim-key" });
  world.goLive();
  world.device.health.measure((key, value) => world.device.telemetry.record(key, value));
  world.run(minute);
  world.cutConnections();
  platform.devices.clear();
  world.goLive(3 * hour);
  storage.isBroken = true;
  world.boot();
  world.run(hour);
  storage.isBroken = false;
  for (const key of ["cred", "cred.new", "cred.own"])
    storage.write(key, new TextEncoder().encode('{"type":"ACCESS_TOKEN","token":{"hush-":1}}'));
  platform.devices.clear();
  world.boot();
  world.goLive();
  world.run(minute);
  return world;
}

describe("no secret is ever said aloud", () => {
  test.each([
    ["made by the device", { credentials: "device" }, { host: "server.test" }],
    ["made by the server", { credentials: "server" }, { host: "server.test" }],
    ["basic", { credentials: { clientId: "hush-c", userName: "hush-u", password: "hush-p" } }, { host: "server.test" }],
    ["a certificate", { credentials: { certificate, privateKey } }, { host: "server.test", tls }],
  ] as const)("%s", (_, provisioning, server) => {
    const world = live(provisioning, server);
    const tokens = world.platform.requests.map(({ token }) => token).filter((token) => token !== undefined);
    const said = saidBy(world);
    expect(said.some((line) => line.includes("claim-key"))).toBe(true);
    expect(said.length).toBeGreaterThan(100);
    for (const secret of [...secrets, ...new Set<string>(tokens)])
      expect(said.filter((line) => line.includes(secret))).toEqual([]);
  });

  test("nor repeated after a server that says them", () => {
    const world = new World();
    world.platform.reply = () => '{"status":"FAILURE","errorMsg":"no profile has profile-secret"}';
    world.boot();
    world.run(minute);
    world.platform.reply = undefined;
    world.goLive();
    world.run(minute);
    const said = saidBy(world);
    expect(said.some((line) => line.includes("FAILURE: no profile has ***"))).toBe(true);
    expect(said.filter((line) => line.includes("profile-secret"))).toEqual([]);
  });

  test("nor the key of a claim in the log", () => {
    const world = live({}, { host: "server.test" });
    expect(world.log.entries.filter(({ detail }) => detail.includes("claim-key"))).toEqual([]);
  });

  test("not even in the error of a configuration that is wrong", () => {
    const wrong: readonly unknown[] = [
      { token: "hush-".repeat(100) },
      { token: "hush-", userName: "hush-" },
      { userName: "hush-", password: "hush-".repeat(100) },
      { certificate: "hush-", privateKey: "hush-" },
      "hush-",
    ];
    for (const credentials of wrong) {
      const world = new World({ credentials } as Partial<ProvisioningConfig>);
      let message = "";
      try {
        world.boot();
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain("config.provisioning.credentials");
      expect(message.includes("hush-")).toBe(false);
    }
  });
});
