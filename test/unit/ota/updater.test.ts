// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { makePackage, UpdateWorld } from "./update-world.js";

function begun(...options: ConstructorParameters<typeof UpdateWorld>): UpdateWorld {
  const world = new UpdateWorld(...options);
  world.boot();
  return world;
}

describe("an update", () => {
  test("goes from the offer to the new image, and tells every step when it is true", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0"]);
    expect(world.told).toEqual([
      ...["runs 1.0", "DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING"],
      ...["runs 2.0", "UPDATED"],
    ]);
    expect(world.board.bootLoader.isOnTrial).toBe(false);
  });

  test("asks for every chunk once when nothing is lost", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    expect(world.requests).toEqual(Array.from({ length: 10 }, (_, chunk) => chunk));
  });

  test("is not begun for what runs already, which counts as updated", () => {
    const world = begun();
    world.offer(makePackage({ version: "1.0" }));
    world.run();
    expect(world.told).toEqual(["runs 1.0", "runs 1.0", "UPDATED"]);
    expect(world.requests).toEqual([]);
  });

  test.each(["1.10", "1.00", "1.0 ", "v1.0"])("goes from 1.0 to %j, another version", (version) => {
    const world = begun();
    world.offer(makePackage({ version }));
    world.run();
    expect(world.running).toBe(version);
  });

  test("is told again by every boot that follows, and not begun again", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    world.told.length = 0;
    world.requests.length = 0;
    world.reset("power-on");
    world.run();
    expect(world.told).toEqual(["runs 2.0", "UPDATED"]);
    expect(world.requests).toEqual([]);
  });

  test("follows the offer when that changes in the middle", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0", size: 20_000 }));
    world.connect();
    world.serve(3);
    world.offer(makePackage({ version: "3.0" }));
    world.answer();
    world.run();
    expect(world.boots).toEqual(["1.0", "3.0"]);
  });

  test("that is withdrawn in the middle has failed", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0", size: 20_000 }));
    world.connect();
    world.serve(3);
    world.withdraw();
    world.answer();
    world.run();
    expect(world.state).toMatch(/^FAILED package-withdrawn/);
    expect(world.boots).toEqual(["1.0"]);
  });

  test("of the same package is made when it is offered again after it was withdrawn", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_checksum: "00000000" });
    world.run();
    expect(world.state).toMatch(/^FAILED checksum-mismatch/);
    world.withdraw();
    world.answer();
    world.offer(makePackage({ version: "2.0" }));
    world.answer();
    world.run();
    expect(world.running).toBe("2.0");
  });

  test("waits while something is in its way, and says what", () => {
    const world = begun();
    world.obstacle = "battery 12 %, under 30 %";
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    expect(world.requests).toEqual([]);
    expect(world.log.entries.filter(({ detail }) => detail.includes("battery"))).toHaveLength(1);
    world.obstacle = undefined;
    world.run();
    expect(world.running).toBe("2.0");
  });

  test("waits with the restart, too", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    world.connect();
    while (world.serve(1)) if (world.requests.length === 5) world.obstacle = "busy";
    world.run();
    expect(world.state).toBe("VERIFIED");
    world.obstacle = undefined;
    world.run();
    expect(world.state).toBe("UPDATED");
  });
});

describe("an offer is refused with its reason, and once", () => {
  test.each<[string, Record<string, string | number | undefined>]>([
    ["wrong-title", { fw_title: "toaster" }],
    ["package-too-large", { fw_size: 40_000 }],
    ["unknown-algorithm", { fw_checksum_algorithm: "SHA3" }],
    ["package-malformed", { fw_checksum: "nonsense" }],
    ["package-malformed", { fw_version: 2 }],
    ["package-malformed", { fw_size: "10000" }],
    ["package-malformed", { fw_size: -1 }],
    ["package-incomplete", { fw_checksum: undefined }],
  ])("%s %j", (reason, changes) => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), changes);
    world.run();
    expect(world.state).toMatch(new RegExp(`^FAILED ${reason}`));
    expect(world.requests).toEqual([]);
    const told = world.told.length;
    world.answer();
    world.run();
    expect(world.told).toHaveLength(told);
  });

  test("attributes that come later complete it", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_checksum: undefined });
    world.run(6_000);
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    expect(world.running).toBe("2.0");
    expect(world.told.join()).not.toContain("FAILED");
  });
});

describe("a package that is not what it is said to be", () => {
  test("is fetched three times, and then has failed for good", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_checksum: "0badf00d" });
    world.run();
    expect(world.requests).toHaveLength(30);
    expect(world.state).toMatch(/^FAILED checksum-mismatch: CRC32 is [0-9a-f]{8}, download 3 of 3/);
    world.reset("power-on");
    world.run();
    expect(world.requests).toHaveLength(30);
    expect(world.boots).toEqual(["1.0", "1.0"]);
  });

  test("is fetched three times in all, however often the power goes", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_checksum: "0badf00d" });
    for (let boot = 0; boot < 20; boot += 1) {
      world.connect();
      world.serve(12);
      world.reset("power-on");
    }
    world.run();
    expect(world.state).toMatch(/^FAILED checksum-mismatch/);
    expect(world.requests.length).toBeLessThan(30 + 20 * 4);
  });

  test("but comes right at the second attempt runs", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    let isSpoilt = false;
    world.spoil = (chunk, payload) => {
      if (chunk === 5 && !isSpoilt) {
        isSpoilt = true;
        return payload.map((byte) => byte ^ 1);
      }
      return payload;
    };
    world.run();
    expect(world.running).toBe("2.0");
    expect(world.requests).toHaveLength(20);
  });

  test("is no image for the platform", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    const { imageIsValid } = world.board;
    world.board.imageIsValid = (slot, contents) => slot === "ota_0" && imageIsValid(slot, contents);
    world.run();
    expect(world.state).toMatch(/^FAILED image-refused/);
    expect(world.boots).toEqual(["1.0"]);
  });
});

describe("an image on trial", () => {
  test("that crashes comes back by itself, with the reason", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0", behaviour: "crashes" }));
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0", "1.0"]);
    expect(world.state).toBe("FAILED trial-crashed: thermostat 2.0 ended by panic: boom");
    expect(world.told).not.toContain("UPDATED");
    expect(world.told[world.told.length - 2]).toBe("runs 1.0");
  });

  test("that does not reach the server in time gives itself up", () => {
    const world = begun({ trialDeadline: 20_000 });
    world.offer(makePackage({ version: "2.0", behaviour: "mute" }));
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0", "1.0"]);
    expect(world.state).toBe("FAILED trial-timeout: no answer in 20000 ms");
  });

  test("is not tried again after that, at any boot", () => {
    const world = begun({ trialDeadline: 20_000 });
    world.offer(makePackage({ version: "2.0", behaviour: "mute" }));
    world.run();
    world.reset("power-on");
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0", "1.0", "1.0"]);
  });

  test("that loses its power is tried again, without a download, and three times at the most", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0", behaviour: "mute" }));
    world.run(3_000);
    expect(world.boots).toEqual(["1.0", "2.0"]);
    for (let cut = 0; cut < 5; cut += 1) world.reset("power-on");
    world.run();
    expect(world.boots.filter((version) => version === "2.0")).toHaveLength(3);
    expect(world.state).toMatch(/^FAILED trial-interrupted/);
    expect(world.requests).toHaveLength(10);
  });

  test("stays when the confirmation can be stored at last", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    world.connect();
    while (world.running === "1.0") {
      world.serve();
      world.clock.advance(50);
      if (world.state === "UPDATING") world.reset("software");
    }
    world.board.isOtaDataBroken = true;
    world.connect();
    expect(world.told).not.toContain("UPDATED");
    world.board.isOtaDataBroken = false;
    world.run(20_000);
    expect(world.state).toBe("UPDATED");
    expect(world.boots).toEqual(["1.0", "2.0"]);
  });
});

describe("rolling back", () => {
  test("returns to the image before, without a download, and leaves the offer alone", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    world.requests.length = 0;
    world.updater.rollBack();
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0", "1.0"]);
    expect(world.state).toBe("FAILED rolled-back: to thermostat 1.0");
    expect(world.requests).toEqual([]);
    world.reset("power-on");
    world.run();
    expect(world.running).toBe("1.0");
    world.offer(makePackage({ version: "2.1" }));
    world.answer();
    world.run();
    expect(world.running).toBe("2.1");
  });

  test("is refused where there is nothing to return to", () => {
    const world = begun();
    expect(() => world.updater.rollBack()).toThrow("nothing to return to");
    world.offer(makePackage({ version: "2.0" }), { fw_checksum: "0badf00d" });
    world.run();
    expect(() => world.updater.rollBack()).toThrow("nothing to return to");
  });
});
