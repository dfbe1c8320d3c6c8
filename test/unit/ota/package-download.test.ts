// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { FailureLog } from "../../../modules/core/failure-log.js";
import type { Flash } from "../../../modules/core/ports.js";
import { CheckpointStore } from "../../../modules/ota/checkpoint-store.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import { PackageDownload } from "../../../modules/ota/package-download.js";
import type { PackageReceiver } from "../../../modules/ota/package-source.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeFlash } from "../../fakes/flash.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";
import { imageOf } from "./image-room.js";

const size = 2_500;
const image = imageOf("1.1", size);

function checksumOf(bytes: Uint8Array): string {
  const digest = createDigest("MURMUR3_32");
  digest.update(bytes, 0, bytes.length);
  return digest.finish();
}

/** A download of five chunks into three blocks, with a source in the hands of the test. */
function setUp(failing: { reads: number; writes: number } = { reads: 0, writes: 0 }) {
  const clock = new FakeClock();
  const flash = new FakeFlash({ blocks: 3, blockLength: 1_024 });
  const told: string[] = [];
  const fail = (left: keyof typeof failing): void => {
    if (failing[left] === 0) return;
    failing[left] -= 1;
    throw new DeviceError("storage-failed", `no ${left}`);
  };
  const shaky: Flash = {
    status: flash.status,
    read: (into, offset) => {
      fail("reads");
      flash.read(into, offset);
    },
    write: (from, offset) => {
      fail("writes");
      flash.write(from, offset);
    },
    eraseBlock: (block) => flash.eraseBlock(block),
  };
  const checksum = checksumOf(image);
  const failures = new FailureLog(clock, new FakeLog(), "ota.storage-failed");
  const storage = new FakeStorage();
  const open = () => {
    let receiver!: PackageReceiver;
    const download = new PackageDownload({
      ...{ clock, flash: shaky, slot: "ota_1", chunkLength: 512 },
      offer: {
        ...{ title: "t", version: "1.1", size, checksum, algorithm: "MURMUR3_32" },
        ...{ tag: undefined, url: undefined, signature: undefined },
      },
      checkpoints: new CheckpointStore({ storage, text, key: "fw.check", failures }),
      openDigest: () => createDigest("MURMUR3_32"),
      openSource: (waiting) => {
        receiver = waiting;
        return { start: () => told.push("start"), stop: () => told.push("stop") };
      },
      onProgress: (percent) => told.push(`${percent} %`),
      onDownloaded: () => told.push("downloaded"),
      onDigest: (digest) => told.push(digest === checksum ? "right" : "wrong"),
      onFailed: (reason, detail) => told.push(`${reason}: ${detail}`),
    });
    const deliver = (...chunks: readonly number[]): void => {
      for (const chunk of chunks) receiver.onChunk(chunk, image, chunk * 512);
    };
    return { download, deliver };
  };
  return { ...open(), open, clock, flash, told, failing, storage };
}

describe("PackageDownload", () => {
  test("tells of progress, stops its source and reads back what came", () => {
    const { download, deliver, clock, told } = setUp();
    download.start();
    deliver(0, 2, 1, 4, 3);
    expect(told).toEqual(["start", "20 %", "40 %", "60 %", "80 %", "100 %", "stop"]);
    clock.advance(0);
    expect(told.slice(7)).toEqual(["downloaded", "right"]);
    expect(clock.pending).toBeUndefined();
  });

  test("does not fetch what is there, and reads it back all the same", () => {
    const { download, deliver, open, clock, told } = setUp();
    deliver(0, 1, 2, 3, 4);
    download.stop();
    told.length = 0;
    open().download.start();
    expect(told).toEqual([]);
    clock.advance(0);
    expect(told).toEqual(["downloaded", "right"]);
  });

  test("begins anew where what it has read was wrong, as often as it is told to", () => {
    const { download, deliver, clock, told, flash } = setUp();
    download.start();
    deliver(0, 1, 2, 3, 4);
    flash.corrupt(100, [flash.contents[100] === 0 ? 1 : 0]);
    clock.advance(0);
    expect(told[told.length - 1]).toBe("wrong");
    told.length = 0;
    download.restart();
    expect([told, download.image.missing]).toEqual([["start"], 5]);
    deliver(4, 3, 2, 1, 0);
    clock.advance(0);
    expect(told.slice(-2)).toEqual(["downloaded", "right"]);
  });

  test("reads on after a read that failed", () => {
    const { download, deliver, clock, told } = setUp({ reads: 4, writes: 0 });
    download.start();
    deliver(0, 1, 2, 3, 4);
    clock.advance(0);
    expect(told.slice(-2)).toEqual(["downloaded", "right"]);
  });

  test("has failed after five reads in a row that did, and calls nothing back afterwards", () => {
    const { download, deliver, clock, told, failing } = setUp({ reads: 5, writes: 0 });
    download.start();
    deliver(0, 1, 2, 3, 4);
    clock.advance(0);
    expect([told[told.length - 1], failing.reads]).toEqual(["storage-failed: no reads", 0]);
    clock.advance(60_000);
    expect(told[told.length - 1]).toBe("storage-failed: no reads");
  });

  test("wants chunks again whose write failed, and has failed after five in a row", () => {
    const { download, deliver, told } = setUp({ reads: 0, writes: 5 });
    download.start();
    deliver(0, 0, 1, 0);
    expect(download.image.missing).toBe(5);
    expect(told).toEqual(["start"]);
    deliver(4);
    expect(told.slice(1)).toEqual(["stop", "storage-failed: no writes"]);
  });

  test("counts only failures in a row", () => {
    const { download, deliver, clock, told, failing } = setUp();
    download.start();
    for (const chunk of [0, 1, 2, 3, 4]) {
      failing.writes = 4;
      deliver(4 - chunk, 4 - chunk, 4 - chunk, 4 - chunk);
      for (let again = 4; again >= 0; again -= 1) if (!download.image.has(again) && again >= 4 - chunk) deliver(again);
    }
    clock.advance(0);
    expect(told[told.length - 1]).toBe("right");
  });

  test("calls nothing back after it was stopped, and goes on after a start", () => {
    const { download, deliver, clock, told } = setUp();
    download.start();
    deliver(0, 1, 2, 3, 4);
    download.stop();
    told.length = 0;
    clock.advance(60_000);
    expect(told).toEqual([]);
    download.start();
    clock.advance(0);
    expect(told).toEqual(["downloaded", "right"]);
  });
});
