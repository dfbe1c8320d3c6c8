// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { ProvisioningConfig } from "../../../modules/device/config-server.js";
import { hour, identity, minute, World } from "./world.js";

interface Story {
  readonly name: string;
  readonly provisioning: Partial<ProvisioningConfig>;
  /** Brings the world to where the cuts begin. */
  readonly prepare?: (world: World) => void;
  /** What happens on the platform before the device boots into the sweep. */
  readonly upset?: (world: World) => void;
  /** Least number of writes and deletes that the story has. */
  readonly operations: number;
}

const certificate = "-----BEGIN CERTIFICATE-----\nTUlJ\nQ2Vy\n-----END CERTIFICATE-----\n";
const privateKey = "-----BEGIN PRIVATE KEY-----\nTUlH\n-----END PRIVATE KEY-----\n";

/** The operator has deleted the device, so that its credentials are worth nothing. */
function deleteDevice({ platform }: World): void {
  platform.devices.clear();
}

function provisioned(world: World): void {
  world.boot();
  world.goLive();
  world.run(minute);
}

const stories: readonly Story[] = [
  { name: "the first provisioning", provisioning: {}, operations: 4 },
  {
    name: "the first provisioning with credentials of the configuration",
    provisioning: { credentials: { userName: "u", password: "p" } },
    operations: 3,
  },
  {
    name: "a lost reply",
    provisioning: {},
    upset: ({ platform }) => {
      platform.lostReplies = 2;
    },
    operations: 2,
  },
  {
    name: "provisioning again",
    provisioning: { whenRefused: "reprovision" },
    prepare: provisioned,
    upset: deleteDevice,
    operations: 3,
  },
  {
    name: "provisioning again, and the reply is lost",
    provisioning: { whenRefused: "reprovision" },
    prepare: provisioned,
    upset: (world) => {
      deleteDevice(world);
      world.platform.lostReplies = 1;
    },
    operations: 0,
  },
  {
    name: "a candidate that is refused for a while",
    provisioning: {},
    upset: ({ platform }) => {
      platform.refusals = 4;
    },
    operations: 4,
  },
];

/** The world of a story at the point where the power can go. */
function begin({ provisioning, prepare, upset }: Story): World {
  const server = { host: "server.test", tls: { ca: "-----BEGIN CERTIFICATE-----" } };
  const world = new World(provisioning, provisioning.credentials === undefined ? {} : { server });
  prepare?.(world);
  world.storage.operations.length = 0;
  upset?.(world);
  return world;
}

function endsWell(world: World): void {
  world.boot();
  world.goLive(3 * hour);
  world.run(minute);
  // And with what is stored alone, once more.
  world.boot();
  expect(world.goLive()).toBeLessThan(minute);
}

describe("power that goes at any write or delete leaves old or new credentials, and they work", () => {
  test.each(stories)("$name", (story) => {
    const whole = begin(story);
    whole.boot();
    // The boots are counted before anything else.
    whole.storage.operations.length = 0;
    whole.goLive(3 * hour);
    whole.run(minute);
    const { length } = whole.storage.operations;
    expect(length).toBeGreaterThanOrEqual(story.operations);
    for (let operation = 1; operation <= length; operation += 1) {
      for (const isDone of [false, true]) {
        const world = begin(story);
        world.boot();
        world.storage.cutAt(operation, isDone);
        world.run(3 * hour);
        expect(world.isDead).toBe(true);
        endsWell(world);
      }
    }
  });

  test("also when it goes twice", () => {
    const story = stories[0] as Story;
    for (let first = 1; first <= 4; first += 1) {
      for (let second = 1; second <= 4; second += 1) {
        const world = begin(story);
        for (const operation of [first, second]) {
          world.boot();
          world.storage.cutAt(operation, operation % 2 === 0);
          world.run(2 * hour);
        }
        endsWell(world);
      }
    }
  });

  test("of a certificate, too", () => {
    const tls = { ca: "-----BEGIN CERTIFICATE-----" };
    const world = new World({ credentials: { certificate, privateKey } }, { server: { host: "server.test", tls } });
    world.boot();
    world.storage.cutAt(1, false);
    world.run(hour);
    expect(world.isDead).toBe(true);
    endsWell(world);
    expect(world.platform.requests[0]).toMatchObject({ hash: "TUlJQ2Vy" });
  });
});

describe("a token that the server made and told once", () => {
  test("is good from the moment at which it is stored", () => {
    for (let operation = 4; operation <= 5; operation += 1) {
      const world = new World({ credentials: "server" });
      world.boot();
      world.storage.cutAt(operation, true);
      world.run(hour);
      expect(world.isDead).toBe(true);
      endsWell(world);
    }
  });

  test("is lost before that, and an operator who deletes the device is all it takes", () => {
    const world = new World({ credentials: "server" });
    world.boot();
    world.storage.cutAt(3, false);
    world.run(hour);
    expect(world.platform.devices.has(identity)).toBe(true);
    world.boot();
    world.run(hour);
    expect(world.isLive).toBe(false);
    deleteDevice(world);
    endsWell(world);
  });
});

describe("a restart", () => {
  test("with a candidate tries that first, and then the old credentials", () => {
    const world = new World({ whenRefused: "reprovision", credentials: "server" });
    provisioned(world);
    const [old] = world.platform.devices.values();
    deleteDevice(world);
    world.boot();
    world.run(3 * hour, () => world.storage.operations.at(-1) === "cred.new");
    world.platform.visits.length = 0;
    world.platform.devices.clear();
    if (old) world.platform.devices.set(identity, old);
    world.boot();
    world.goLive();
    expect(world.platform.visits.map(({ code }) => code)).toEqual([5, 5, 5, 0]);
    world.boot();
    expect(world.goLive()).toBeLessThan(minute);
  });
});
