// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { hour, identity, minute, second, World } from "./world.js";

describe.each(["device", "server"] as const)(
  "storage that cannot be written, credentials made by the %s",
  (credentials) => {
    test("keeps the device from asking for what it would lose, but not from trying on", () => {
      const world = new World({ credentials });
      world.storage.isFull = true;
      world.boot();
      world.run(6 * hour);
      expect(world.attempts).toEqual([]);
      expect(new Set(world.log.reasons("provisioning.failed"))).toEqual(new Set(["storage-failed"]));
      world.storage.isFull = false;
      world.goLive();
    });

    test("from a reply on: the credentials are used, and stored as soon as that is possible", () => {
      const world = new World({ credentials });
      world.platform.reply = (reply) => {
        world.storage.isFull = true;
        return reply;
      };
      world.boot();
      world.goLive();
      expect(world.log.reasons("provisioning.failed")).toContain("storage-failed");
      world.run(hour);
      expect(world.platform.requests).toHaveLength(1);
      world.storage.isFull = false;
      world.run(10 * minute);
      world.boot();
      expect(world.goLive()).toBeLessThan(second);
      expect(world.platform.requests).toHaveLength(1);
    });

    test("from a reply on: stopping tries once more, and being silent afterwards matters more", () => {
      const world = new World({ credentials });
      world.platform.reply = (reply) => {
        world.storage.isFull = true;
        return reply;
      };
      world.boot();
      world.goLive();
      world.device.stop();
      const { length } = world.log.reasons("provisioning.failed");
      world.run(hour);
      expect(world.log.reasons("provisioning.failed")).toHaveLength(length);
      world.storage.isFull = false;
      world.device.start();
      world.run(minute);
      world.boot();
      expect(world.goLive()).toBeLessThan(second);
    });
  },
);

describe("storage that can be written in part", () => {
  test("keeps the candidate until the same credentials are stored as verified", () => {
    const world = new World({ credentials: "server" });
    world.storage.refused.add("cred");
    world.boot();
    world.goLive();
    world.run(hour);
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
    world.storage.refused.clear();
    world.run(10 * minute);
    expect([...world.storage.values.keys()]).toEqual(["boots", "cred"]);
  });
});

describe("storage that cannot be read", () => {
  test("does not cost the device the token it made: the next start has it again", () => {
    const world = new World();
    world.boot();
    world.goLive();
    const token = world.storage.values.get("cred.own");
    world.storage.isBroken = true;
    world.boot();
    world.run(hour);
    world.storage.isBroken = false;
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
    expect(world.storage.values.get("cred.own")).toEqual(token);
  });

  test("for a while leads back to the same token, without a restart", () => {
    const world = new World();
    world.boot();
    world.goLive();
    world.storage.isBroken = true;
    world.boot();
    world.run(minute);
    world.storage.isBroken = false;
    world.goLive();
    expect(new Set(world.platform.requests.map(({ token }) => token)).size).toBe(1);
  });
});

describe("storage with nonsense in it", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "\u0000\u0001"],
    ["an array", "[]"],
    ["another kind", '{"type":"LWM2M_CREDENTIALS"}'],
    ["a token that is a number", '{"type":"ACCESS_TOKEN","token":7}'],
    ["an empty token", '{"type":"ACCESS_TOKEN","token":""}'],
    ["a certificate without a key", '{"type":"X509_CERTIFICATE","certificate":"a"}'],
    ["a certificate, without TLS", '{"type":"X509_CERTIFICATE","certificate":"a","privateKey":"b"}'],
    ["a password without a user name", '{"type":"MQTT_BASIC","clientId":"c","password":"p"}'],
    ["credentials of a configuration that has none", '{"type":"CONFIGURED"}'],
    ["names that objects have", '{"__proto__":{"type":"ACCESS_TOKEN"},"constructor":"token"}'],
  ])("as %s leads to credentials all the same", (_, value) => {
    const world = new World();
    for (const key of ["cred", "cred.new", "cred.own"]) world.storage.write(key, new TextEncoder().encode(value));
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
    expect(world.platform.devices.has(identity)).toBe(true);
    world.boot();
    expect(world.goLive()).toBeLessThan(second);
    expect(world.platform.requests).toHaveLength(1);
  });
});
