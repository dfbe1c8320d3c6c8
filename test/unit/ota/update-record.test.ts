// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { CheckpointStore } from "../../../modules/ota/checkpoint-store.js";
import { FirmwareTarget } from "../../../modules/ota/firmware-target.js";
import { Installation } from "../../../modules/ota/installation.js";
import { SoftwareTarget } from "../../../modules/ota/software-target.js";
import { numberIn, StoredObjects } from "../../../modules/ota/stored-objects.js";
import { type UpdatePhase, UpdateRecords } from "../../../modules/ota/update-record.js";
import { FakeBoard } from "../../fakes/board.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

/** A board and what is stored on it. */
class Store {
  readonly board = new FakeBoard();
  readonly log = new FakeLog();
  readonly objects: StoredObjects;

  constructor() {
    const failures = new FailureLog(new FakeClock(), this.log, "ota.storage-failed");
    this.objects = new StoredObjects({ storage: this.board.storage, text, failures });
  }

  put(key: string, words: string): void {
    this.board.stored.values.set(key, new TextEncoder().encode(words));
  }

  /** As the next boot finds them. */
  records(): UpdateRecords {
    return new UpdateRecords(this.objects, "fw.update");
  }

  firmware(version = "1.0"): FirmwareTarget {
    const { board, objects } = this;
    return new FirmwareTarget({ bootLoader: board.bootLoader, objects, built: { title: "t", version } });
  }

  software(): SoftwareTarget {
    const { board, objects } = this;
    const { applicationSlot: slot, openFlash } = board;
    return new SoftwareTarget({ slot, openFlash, objects, built: { title: "t", version: "own" } });
  }
}

const none = new Store().records().current;

const nonsense: readonly string[] = [
  ...["", "{", "[]", "null", "7", '"selected"', "{}", '{"phase":"Selected"}', '{"phase":null,"mark":5}', "\u{0}"],
  ...['{"phase":["selected"]}', '{"phase":"constructor"}', `${'{"a":'.repeat(30)}1${"}".repeat(30)}`],
];

/** 255 bytes, each of them two in JSON. */
const longest = '"\\'.repeat(127).concat('"');
/** 255 bytes, each of them six in JSON. */
const unprintable = "\u{1}".repeat(255);

describe("UpdateRecords", () => {
  test("are read as they were written", () => {
    const store = new Store();
    const fields = { mark: 4_294_967_295, attempts: 2, slot: "ota_1", title: "t", version: "1.10", isChosen: true };
    expect(store.records().begin("selected", fields)).toBe(true);
    expect(store.records().current).toEqual({ ...none, ...fields, phase: "selected" });
    const records = store.records();
    expect(records.change({ reason: "trial-timeout", detail: "no answer", isReturn: true })).toBe(true);
    expect(store.records().current).toEqual(records.current);
    expect(records.begin("failed", { mark: 7 })).toBe(true);
    expect(store.records().current).toEqual({ ...none, phase: "failed", mark: 7 });
  });

  test.each(nonsense)("that are %j are none", (words) => {
    const store = new Store();
    store.put("fw.update", words);
    expect(store.records().current).toEqual(none);
  });

  test("with members of another type are read without them", () => {
    const store = new Store();
    store.put(
      "fw.update",
      '{"phase":"selected","mark":"5","attempts":[],"slot":1,"title":null,"version":2,"isReturn":1,"isChosen":"true","reason":{},"detail":false}',
    );
    expect(store.records().current).toEqual({ ...none, phase: "selected" });
  });

  test.each([-1, 1.5, -1e300, 1e300, -0.1])("with %d attempts have had none", (attempts) => {
    const store = new Store();
    store.put("fw.update", JSON.stringify({ phase: "selected", attempts }));
    expect(store.records().current.attempts).toBe(0);
  });

  test("of a newer firmware are read without what is not known", () => {
    const store = new Store();
    store.put(
      "fw.update",
      '{"layout":2,"phase":"failed","mark":9,"detail":"d","steps":[1,{"a":{}}],"reason":"moon-phase"}',
    );
    expect(store.records().current).toEqual({ ...none, phase: "failed", mark: 9, detail: "d", reason: "moon-phase" });
    store.put("fw.update", '{"phase":"patched","mark":9}');
    expect(store.records().current).toEqual(none);
  });

  test.each<[string, string]>([
    ["ASCII", "a".repeat(255)],
    ["letters of two bytes", `${"é".repeat(127)}a`],
    ["letters of four bytes", `${"😀".repeat(63)}abc`],
    ["letters that are escaped", longest],
  ])("hold the longest names and details in %s", (_, name) => {
    const store = new Store();
    const detail = name.repeat(3);
    const fields = { mark: 4_294_967_295, attempts: 2, slot: "sixteen_letters_", title: name, version: name };
    expect(store.records().begin("selected", { ...fields, isReturn: true, isChosen: true })).toBe(true);
    expect(store.records().change({ reason: "application-failed", detail })).toBe(true);
    expect(store.records().current).toMatchObject({ title: name, version: name, reason: "application-failed" });
    expect(detail.startsWith(store.records().current.detail.slice(0, -1))).toBe(true);
  });

  test("that do not fit hold until the next boot, and the one before stays in the store", () => {
    const store = new Store();
    const records = store.records();
    expect(records.begin("downloading", { mark: 5 })).toBe(true);
    expect(records.begin("selected", { mark: 5, title: unprintable, version: unprintable })).toBe(false);
    expect(records.current.title).toBe(unprintable);
    expect(store.records().current).toEqual({ ...none, phase: "downloading", mark: 5 });
    expect(store.log.reasons("ota.storage-failed")).toEqual(["storage-failed"]);
    expect(records.begin("failed", { mark: 5, reason: "storage-failed", detail: unprintable })).toBe(true);
  });

  test.each<[string, (store: Store) => void]>([
    ["full", (store) => (store.board.stored.isFull = true)],
    ["broken", (store) => (store.board.stored.isBroken = true)],
  ])("hold until the next boot where the store is %s", (_, spoil) => {
    const store = new Store();
    store.records().begin("updated", { mark: 1 });
    const records = store.records();
    spoil(store);
    const phases: UpdatePhase[] = ["downloading", "selected", "failed", "none"];
    for (const phase of phases) expect([records.begin(phase, {}), records.current.phase]).toEqual([false, phase]);
    expect(() => store.records()).not.toThrow();
  });
});

describe("Installation", () => {
  test("of a package whose names need too much room has failed, says so, and is not tried again", () => {
    const store = new Store();
    store.board.partition("ota_1").corrupt(0, [0xe9]);
    const clock = new FakeClock();
    const told: string[] = [];
    const create = (): Installation =>
      new Installation(
        {
          ...{ clock, log: store.log, target: store.firmware(), records: store.records(), trialDeadline: 10_000 },
          checkpoints: new CheckpointStore({
            ...{ storage: store.board.storage, text, key: "fw.check" },
            failures: new FailureLog(clock, store.log, "ota.storage-failed"),
          }),
          lastReset: { reason: "software", error: undefined },
          restart: (why) => told.push(`restart: ${why}`),
        },
        {
          onFailed: (reason, detail) => told.push(`${reason}: ${detail}`),
          onSelected: () => told.push("selected"),
          onConfirmed: () => told.push("confirmed"),
        },
      );
    create().select({ title: unprintable, version: unprintable }, 5);
    expect(told).toEqual(["storage-failed: what is to be updated could not be noted"]);
    expect(store.records().current).toMatchObject({ phase: "failed", mark: 5, reason: "storage-failed" });
    store.board.reset();
    expect(store.board.bootLoader.running).toBe("ota_0");
    create().boot();
    clock.advance(3_600_000);
    expect(told).toHaveLength(1);
  });
});

describe("numberIn", () => {
  test("gives no number but a whole one from 0", () => {
    const object = new Map([["n", 5] as const]);
    expect([numberIn(object, "n"), numberIn(object, "m"), numberIn(undefined, "n")]).toEqual([5, 0, 0]);
  });
});

describe("FirmwareTarget", () => {
  test("goes by the name that the server has for it, while it is the image that the name came with", () => {
    const store = new Store();
    const target = store.firmware();
    target.name({ title: "server's", version: "1.0-rc1" });
    expect(store.firmware().current).toEqual({ title: "server's", version: "1.0-rc1" });
    expect(store.firmware("1.1").current).toEqual({ title: "t", version: "1.1" });
  });

  test.each(nonsense)("goes by the name it was built with where the note is %j", (words) => {
    const store = new Store();
    store.put("fw.ota_0", words);
    expect(store.firmware().current).toEqual({ title: "t", version: "1.0" });
    store.put("fw.ota_1", words);
    expect(store.firmware().former).toBeUndefined();
  });

  test("goes by the name it was built with where the other one does not fit", () => {
    const store = new Store();
    store.firmware().name({ title: unprintable, version: unprintable });
    expect(store.firmware().current).toEqual({ title: "t", version: "1.0" });
  });

  test("selects nothing that it could not return from by name", () => {
    const store = new Store();
    store.board.partition("ota_1").corrupt(0, [0xe9]);
    store.board.stored.isFull = true;
    expect(() => store.firmware().select()).toThrow("storage-failed");
    store.board.reset();
    expect(store.board.bootLoader.running).toBe("ota_0");
    expect(() => store.firmware().vacate()).not.toThrow();
  });

  test("overwrites nothing that it could still be thought to return to", () => {
    const store = new Store();
    store.put("fw.ota_1", '{"title":"t","version":"0.9"}');
    expect(store.firmware().former).toEqual({ title: "t", version: "0.9" });
    store.board.stored.refused.add("fw.ota_1");
    expect(() => store.firmware().vacate()).toThrow("storage-failed");
    expect(store.firmware().former).toEqual({ title: "t", version: "0.9" });
    store.board.stored.refused.clear();
    store.firmware().vacate();
    expect(store.firmware().former).toBeUndefined();
  });
});

describe("SoftwareTarget", () => {
  test("goes by no name of the application before where the new one cannot be stored", () => {
    const store = new Store();
    store.put("sw.state", '{"state":"trial"}');
    const target = store.software();
    store.put("sw.state", '{"state":"confirmed","title":"t","version":"2.0"}');
    expect(store.software().current.version).toBe("2.0");
    target.confirm();
    store.board.stored.isFull = true;
    target.name({ title: "t", version: "2.1" });
    expect([target.current.version, store.software().current.version]).toEqual(["own", "own"]);
  });

  test("goes by the name it was built with where the other one does not fit", () => {
    const store = new Store();
    store.put("sw.state", '{"state":"trial"}');
    const target = store.software();
    target.confirm();
    target.name({ title: unprintable, version: unprintable });
    expect(store.software().current.version).toBe("own");
    expect(store.software().former).toEqual({ title: "t", version: "own" });
  });

  test("is not confirmed where that cannot be stored", () => {
    const store = new Store();
    store.put("sw.state", '{"state":"trial"}');
    const target = store.software();
    store.board.stored.isFull = true;
    expect(() => target.confirm()).toThrow("storage-failed");
    expect(target.isOnTrial).toBe(true);
  });

  test.each(["none", "ready", "confirmed", "rejected", "removed"])("is not confirmed by %s", (state) => {
    const store = new Store();
    store.put("sw.state", JSON.stringify({ state }));
    store.software().confirm();
    expect(store.board.stored.operations).toEqual([]);
  });

  test("does not bring in what is larger than the partition", () => {
    const store = new Store();
    store.put("sw.state", '{"state":"selected"}');
    const { applicationSlot, openFlash } = store.board;
    const target = new SoftwareTarget({
      ...{ objects: store.objects, openFlash, built: { title: "t", version: "own" } },
      slot: { ...applicationSlot, next: "ota_1" },
    });
    expect(() => target.prepare()).toThrow("does not fit");
    expect([target.isInUse, store.board.partition("xs").operations]).toEqual([false, 0]);
  });
});
