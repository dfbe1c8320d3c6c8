// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { partitionSizes } from "../../hosts/simulator/partitions.js";
import type { Checks } from "./checks.js";
import { root } from "./sdk.js";
import { type Bench, Simulator } from "./simulator.js";

const source = join(root, "test/simulator/application");

/** What the package says of itself once it runs. */
const runs = "2 true written out";
const nothing = "nothing";

/** Of the archive's own boxes: behind the version's and the signature's heads. */
const versionOffset = 16;

/** Loads archives of `mcrun` from the simulator's partition: what is on a chip, but for the flash beneath it. */
export async function checkApplicationSlot(checks: Checks, bench: Bench): Promise<void> {
  const slot = new Slot(bench);
  let fresh: Buffer = Buffer.alloc(0);
  const isBuilt = await checks.run("mcrun packs an application, of which the simulator builds a host", async () => {
    fresh = await slot.build();
  });
  if (!isBuilt) return;
  await checks.run("mcrun packs the firmware's own application", async () => {
    const { length } = await slot.pack("application");
    assert.ok(length <= (partitionSizes.get("xs") ?? 0), `${length} bytes`);
    console.log(`        ${length} bytes`);
  });
  const check = async (name: string, archive: Buffer | undefined, expected: string): Promise<void> => {
    await checks.run(`application slot: ${name}`, async () => {
      if (archive !== undefined) await slot.fill(archive);
      assert.equal(await slot.load(), expected);
    });
  };
  try {
    await check("nothing is in it", undefined, nothing);
    await check("an application runs, with modules of its own and the firmware's", fresh, runs);
    const mapped = await slot.contents();
    await checks.run("application slot: it was rewritten for this firmware, once", async () => {
      assert.notDeepEqual(mapped, slot.image(fresh));
      assert.equal(await slot.load(), runs);
      assert.deepEqual(await slot.contents(), mapped);
    });
    await check("rewritten for another firmware it runs too", renumbered(mapped), runs);
    await checks.run("application slot: then it is as it was", async () => {
      assert.deepEqual(await slot.contents(), mapped);
    });
    await check("half an application is nothing", fresh.subarray(0, fresh.length / 2), nothing);
    await check("noise is nothing", fresh.map((byte, index) => byte ^ (index * 7 + 1)) as Buffer, nothing);
    await checkRefused(checks, slot, fresh);
    await check(
      "a module that the firmware does not have",
      Buffer.from(fresh.toString("latin1").replaceAll("core/errors", "core/terror"), "latin1"),
      'threw ReferenceError: module "modules/core/terror" not found (in importNow)',
    );
    await checkCutShort(checks, slot, fresh, mapped);
  } finally {
    await slot.close();
  }
}

async function checkRefused(checks: Checks, slot: Slot, fresh: Buffer): Promise<void> {
  await checks.run("application slot: another version of the engine is nothing, and stays as it is", async () => {
    const other = Buffer.from(fresh);
    other[versionOffset] = (other[versionOffset] ?? 0) + 1;
    await slot.fill(other);
    assert.equal(await slot.load(), nothing);
    assert.deepEqual(await slot.contents(), slot.image(other));
  });
}

async function checkCutShort(checks: Checks, slot: Slot, fresh: Buffer, mapped: Buffer): Promise<void> {
  await checks.run("application slot: what the power went under while it was rewritten is erased", async () => {
    await slot.fill(mapped);
    await slot.startMapping();
    assert.equal(await slot.load(), nothing);
    assert.ok((await slot.contents()).subarray(0, 4_096).every((byte) => byte === 255));
  });
  await checks.run("application slot: brought anew it runs, whatever became of the last", async () => {
    await slot.fill(fresh);
    await slot.startMapping();
    assert.equal(await slot.load(), runs);
    assert.equal(await slot.load(), runs);
  });
}

/** As a firmware that numbers all names otherwise has left it. */
function renumbered(mapped: Buffer): Buffer {
  const other = Buffer.from(mapped);
  const start = other.indexOf("IDEN") + 4;
  const end = start - 8 + other.readUInt32BE(start - 8);
  for (let at = start + 2; at < end; at += 2) other.writeUInt16LE(other.readUInt16LE(at) ^ 1, at);
  return other;
}

/** The slot of a simulator that tells what it loads from it. */
class Slot {
  readonly #bench: Bench;
  readonly #flash: string;
  readonly #simulator: Simulator;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#flash = join(bench.folder, "slot");
    this.#simulator = new Simulator(bench);
  }

  /** Returns the package. */
  async build(): Promise<Buffer> {
    await mkdir(this.#flash);
    const warnings = await this.#simulator.build(source, "xsthing-application-slot", [`storage=${this.#flash}`]);
    assert.deepEqual(warnings, []);
    return this.pack("test/simulator/application/package");
  }

  /** The package of a folder, which has the folder's name. */
  async pack(folder: string): Promise<Buffer> {
    const { sdk, folder: temporary } = this.#bench;
    const output = join(temporary, "packages");
    await mkdir(output, { recursive: true });
    const { code, output: said } = await sdk.pack(join(root, folder), output);
    assert.equal(code, 0, said);
    const name = basename(folder);
    return readFile(join(output, "bin/esp32/release", name, `${name}.xsa`));
  }

  /** The whole partition with this in it. */
  image(archive: Buffer): Buffer {
    const image = Buffer.alloc(partitionSizes.get("xs") ?? 0, 255);
    archive.copy(image);
    return image;
  }

  async fill(archive: Buffer): Promise<void> {
    await writeFile(join(this.#flash, "flash-xs"), this.image(archive));
  }

  contents(): Promise<Buffer> {
    return readFile(join(this.#flash, "flash-xs"));
  }

  /** Leaves what a host leaves that is switched off while it rewrites an application. */
  async startMapping(): Promise<void> {
    await writeFile(join(this.#flash, `nvs-${Buffer.from("app.mapping").toString("hex")}`), Buffer.alloc(1));
  }

  /** Switches the simulator on, and off when it has told what it found. */
  async load(): Promise<string> {
    const { lines } = this.#simulator;
    const before = lines.length;
    await this.#simulator.start();
    try {
      const line = lines[(await this.#simulator.line("slot.loaded", 15, before)) - 1] ?? "";
      return line.slice(line.indexOf("slot.loaded") + "slot.loaded".length).trim();
    } finally {
      await this.#simulator.stop();
    }
  }

  close(): Promise<void> {
    return this.#simulator.stop();
  }
}
