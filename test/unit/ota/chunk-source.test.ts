// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { type Asked, ChunkRoom } from "./chunk-room.js";

const nothing = new Uint8Array(0);

describe("a source of chunks", () => {
  test.each([
    [1, 1, 1],
    [99, 100, 1],
    [100, 100, 1],
    [101, 100, 2],
    [2_000, 100, 20],
    [2_001, 1, 2_001],
  ])("asks for each chunk of %d bytes by %d once", (size, chunkLength, count) => {
    const room = new ChunkRoom();
    const receiver = room.begin(size, chunkLength);
    const asked = room.serve(receiver);
    expect(asked.map(({ chunk }) => chunk)).toEqual(Array.from({ length: count }, (_, chunk) => chunk));
    expect(asked.every(({ length }) => length === chunkLength)).toBe(true);
    expect(receiver.isWhole).toBe(true);
    room.clock.advance(3_600_000);
    expect(room.asked()).toEqual([]);
    expect(receiver.failures).toEqual([]);
  });

  test("asks for the first chunk alone, and for the rest of the window after its answer", () => {
    const room = new ChunkRoom({ window: 4 });
    const receiver = room.begin(2_000);
    const [first] = room.asked() as [Asked];
    expect(room.asked()).toEqual([]);
    room.clock.advance(99);
    expect(room.asked()).toEqual([]);
    room.answer(receiver, first);
    expect(room.askedChunks()).toEqual([1, 2, 3, 4]);
  });

  test("does not wait longer than 100 ms for that", () => {
    const room = new ChunkRoom({ window: 4 });
    const receiver = room.begin(2_000);
    const [first] = room.asked() as [Asked];
    room.clock.advance(100);
    expect(room.askedChunks()).toEqual([1, 2, 3]);
    room.answer(receiver, first);
    expect(room.askedChunks()).toEqual([4]);
  });

  test("has what it asks for before the first answer counted as messages, and nothing afterwards", () => {
    const room = new ChunkRoom({ window: 2 });
    const receiver = room.begin(600);
    room.clock.advance(100);
    const early = room.asked();
    expect(early.map(({ dataPoints }) => dataPoints)).toEqual([0, 0]);
    for (const each of early) room.answer(receiver, each);
    expect(room.asked().map(({ dataPoints }) => dataPoints)).toEqual([-1, -1]);
    room.link.close();
    room.connect();
    expect(room.asked().map(({ dataPoints }) => dataPoints)).toEqual([0]);
  });

  test.each([1, 2, 64])("never has more than %d on their way, nor any before the first that is missing", (window) => {
    const room = new ChunkRoom({ window });
    const receiver = room.begin(10_000);
    room.clock.advance(100);
    const waiting = room.asked();
    for (let answers = 0; waiting.length > 0; answers += 1) {
      expect(waiting.length).toBeLessThanOrEqual(window);
      const first = Math.min(...waiting.map(({ chunk }) => chunk));
      for (const { chunk } of waiting) expect(chunk).toBeLessThan(first + window);
      const [answered] = waiting.splice(room.random() % waiting.length, 1) as [Asked];
      room.answer(receiver, answered);
      waiting.push(...room.asked());
      expect(answers).toBeLessThan(100);
    }
    expect(receiver.isWhole).toBe(true);
  });

  test("asks for nothing that is there already", () => {
    const room = new ChunkRoom({ window: 3 });
    const receiver = room.receiver(1_000);
    for (const chunk of [0, 1, 3, 4, 9]) receiver.take(chunk);
    room.connect();
    room.chunks.serve(receiver).start();
    expect(room.serve(receiver).map(({ chunk }) => chunk)).toEqual([2, 5, 6, 7, 8]);
    expect(receiver.isWhole).toBe(true);
  });

  test.each([
    ["fw", 0],
    ["sw", 1],
  ] as const)("has ids for %s that are no other kind's, of 31 bits", (kind, parity) => {
    for (const random of [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fffe]) {
      const room = new ChunkRoom({ parity, random: () => random });
      room.begin(1_000);
      const [{ id }] = room.asked() as [Asked];
      expect([kind, id % 2, id >= 0 && id < 2 ** 31]).toEqual([kind, parity, true]);
    }
  });

  test("takes the error topic that both kinds share for its own only while it waits", () => {
    const firmware = new ChunkRoom({ parity: 0 });
    const receiver = firmware.receiver(500);
    firmware.connect();
    firmware.chunks.serve(receiver);
    for (let count = 0; count < 10; count += 1) firmware.refuse("NOT_FOUND");
    firmware.chunks.start();
    firmware.chunks.stop();
    for (let count = 0; count < 10; count += 1) firmware.refuse("NOT_FOUND");
    firmware.chunks.start();
    firmware.asked();
    firmware.link.close();
    firmware.connect();
    firmware.serve(receiver);
    expect([receiver.failures, receiver.isWhole]).toEqual([[], true]);
  });
});

describe("an answer", () => {
  test("may come in any order", () => {
    const room = new ChunkRoom({ window: 4 });
    const receiver = room.begin(600);
    room.clock.advance(100);
    const asked = room.asked();
    for (const each of [...asked].reverse()) room.answer(receiver, each);
    room.serve(receiver);
    expect(receiver.came.slice(0, 4)).toEqual([3, 2, 1, 0]);
    expect(receiver.isWhole).toBe(true);
  });

  test("that comes twice is taken once", () => {
    const room = new ChunkRoom({ window: 2 });
    const receiver = room.begin(600);
    for (let asked = room.asked(); asked.length > 0; asked = room.asked())
      for (const each of asked) for (let times = 0; times < 3; times += 1) room.answer(receiver, each);
    expect(receiver.came).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("that nobody has asked for is taken all the same, and not asked for afterwards", () => {
    const room = new ChunkRoom({ window: 2 });
    const receiver = room.begin(600);
    const [first] = room.asked() as [Asked];
    room.answer(receiver, { id: first.id, chunk: 4 });
    room.answer(receiver, first);
    expect([...room.askedChunks(), ...room.serve(receiver).map(({ chunk }) => chunk)]).not.toContain(4);
    expect(receiver.came.slice(0, 2)).toEqual([4, 0]);
  });

  test.each([6, 7, 2 ** 31 - 1, "99999999999", "-1", "1.5", "0x1", "", "1e1", " 1", "NaN"])(
    "for chunk %j of six is none",
    (chunk) => {
      const room = new ChunkRoom();
      const receiver = room.begin(600);
      const [first] = room.asked() as [Asked];
      room.deliver(first.id, chunk, receiver.chunk(0));
      expect(receiver.came).toEqual([]);
      room.answer(receiver, first);
      room.serve(receiver);
      expect(receiver.isWhole).toBe(true);
    },
  );

  test("to another id is none, be it of a session before", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    const [old] = room.asked() as [Asked];
    room.link.close();
    room.connect();
    const [asked] = room.asked() as [Asked];
    expect(asked.id).not.toBe(old.id);
    room.answer(receiver, old);
    room.deliver(old.id, 1, nothing);
    expect([receiver.came, room.asked()]).toEqual([[], []]);
    room.answer(receiver, asked);
    room.serve(receiver);
    expect(receiver.isWhole).toBe(true);
  });

  test.each([
    ["of no bytes", 0, 0],
    ["one byte short", 0, 99],
    ["one byte long", 0, 101],
    ["of the whole package", 0, 550],
    ["as long as the others where it is the last one", 5, 100],
  ])("%s is not taken: another id after a pause, and for that the package is found anew", (_, chunk, length) => {
    const room = new ChunkRoom({ window: 8 });
    const receiver = room.begin(550);
    room.clock.advance(100);
    const asked = room.asked();
    const { id } = asked[0] as Asked;
    room.deliver(id, chunk, new Uint8Array(length));
    expect(receiver.came).toEqual([]);
    for (const each of asked) room.answer(receiver, each);
    expect([receiver.came, room.asked()]).toEqual([[], []]);
    expect(room.clock.pending).toBeGreaterThanOrEqual(100);
    room.clock.advance(1_000);
    const again = room.asked();
    expect(again[0]).toMatchObject({ chunk: 0, dataPoints: 0 });
    expect(again[0]?.id).not.toBe(id);
    room.answer(receiver, again[0] as Asked);
    for (const each of again.slice(1)) room.answer(receiver, each);
    room.serve(receiver);
    expect(receiver.isWhole).toBe(true);
    expect(room.log.reasons("ota.chunk")).toEqual(["package-malformed"]);
  });

  test("of the last chunk ends it, from inside the callback", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(300);
    room.serve(receiver);
    expect(receiver.isWhole).toBe(true);
    expect(room.clock.pending).toBeUndefined();
    room.link.close();
    room.connect();
    expect([room.asked(), room.clock.pending, receiver.failures]).toEqual([[], undefined, []]);
  });

  test("that the flash has lost is asked for again, and so is what went with it", () => {
    const room = new ChunkRoom({ window: 4 });
    const receiver = room.begin(1_200);
    let losses = 0;
    receiver.lose = (chunk) => {
      if (chunk !== 6 || losses === 2) return [];
      losses += 1;
      return [4, 5, 6];
    };
    const asked = room.serve(receiver).map(({ chunk }) => chunk);
    expect(receiver.isWhole).toBe(true);
    expect([4, 5, 6, 7].map((chunk) => asked.filter((each) => each === chunk).length)).toEqual([3, 3, 3, 1]);
  });

  test("that the flash has lost is asked for again where it was the last one", () => {
    const room = new ChunkRoom({ window: 4 });
    const receiver = room.begin(800);
    let losses = 0;
    receiver.lose = (chunk) => {
      if (chunk !== 7 || losses === 1) return [];
      losses += 1;
      return [0, 1, 7];
    };
    room.serve(receiver);
    expect(receiver.isWhole).toBe(true);
    expect(receiver.came).toHaveLength(11);
  });
});

describe("a chunk that does not come", () => {
  test("is asked for again after 15 s, and twice that every time, up to 5 min", () => {
    const room = new ChunkRoom({ window: 1 });
    room.begin(300);
    room.asked();
    for (const seconds of [15, 30, 60, 120, 240, 300, 300, 300]) {
      room.clock.advance(seconds * 1_000 - 1);
      expect(room.asked()).toEqual([]);
      room.clock.advance(1);
      expect(room.askedChunks()).toEqual([0]);
    }
  });

  test("is not asked for again while others come, however slowly", () => {
    const room = new ChunkRoom({ window: 4 });
    const receiver = room.begin(5_000);
    let waiting = room.asked();
    const asked = [...waiting];
    while (!receiver.isWhole && receiver.came.length < 49) {
      const next = waiting.find(({ chunk }) => chunk !== 3);
      if (next === undefined) break;
      waiting = waiting.filter((each) => each !== next);
      room.clock.advance(14_999);
      room.answer(receiver, next);
      const more = room.asked();
      asked.push(...more);
      waiting.push(...more);
    }
    expect(asked.filter(({ chunk }) => chunk === 3)).toHaveLength(1);
    expect(new Set(asked.map(({ chunk }) => chunk)).size).toBe(asked.length);
    room.clock.advance(15_000);
    expect(room.askedChunks()).toEqual([3]);
  });

  test("costs nothing but its time once it has come", () => {
    const room = new ChunkRoom({ window: 2 });
    const receiver = room.begin(3_000);
    const { id } = room.asked()[0] as Asked;
    for (let chunk = 0; chunk < 30; chunk += 1) {
      room.clock.advance(50_000);
      room.answer(receiver, { id, chunk });
    }
    expect([receiver.isWhole, receiver.failures]).toEqual([true, []]);
  });
});

describe("a link without room", () => {
  test("is asked as soon as it has some", () => {
    const room = new ChunkRoom({ window: 4 });
    room.link.room = 0;
    const receiver = room.begin(600);
    expect(room.asked()).toEqual([]);
    room.clock.advance(600_000);
    expect(room.asked()).toEqual([]);
    room.link.relieve(1);
    const [first] = room.asked() as [Asked];
    room.answer(receiver, first);
    expect(room.asked()).toEqual([]);
    room.link.relieve(2);
    const next = room.asked();
    expect(next.map(({ chunk }) => chunk)).toEqual([1, 2]);
    room.link.relieve();
    expect(room.askedChunks()).toEqual([3, 4]);
    for (const chunk of [1, 2, 3, 4]) room.answer(receiver, { id: first.id, chunk });
    room.serve(receiver);
    expect([receiver.isWhole, receiver.failures]).toEqual([true, []]);
  });

  test("for what is asked again is no other", () => {
    const room = new ChunkRoom({ window: 2 });
    const receiver = room.begin(600);
    room.clock.advance(100);
    room.asked();
    room.link.room = 0;
    room.clock.advance(60_000);
    expect(room.asked()).toEqual([]);
    room.link.relieve();
    const again = room.asked();
    expect(again.map(({ chunk }) => chunk)).toEqual([0]);
    room.answer(receiver, again[0] as Asked);
    room.serve(receiver);
    expect([receiver.isWhole, receiver.failures]).toEqual([true, []]);
  });
});

describe("a server that refuses", () => {
  test.each([
    ["NOT_FOUND", "package-not-found"],
    ["FAILURE", "package-unavailable"],
    ["UNKNOWN", "package-unavailable"],
    ["PAYLOAD_TOO_LARGE", "payload-too-large"],
    ["", "package-unavailable"],
    ["\u{0}nonsense", "package-unavailable"],
  ])("with %j three times is given up as %s", (words, reason) => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    for (let times = 1; times <= 3; times += 1) {
      expect(room.askedChunks()).toEqual([0]);
      expect(receiver.failures).toEqual([]);
      room.refuse(words);
      // Another one for a request that was on its way.
      room.refuse(words);
      room.link.close();
      room.connect();
    }
    expect(receiver.failures).toEqual([`${reason}: 6 chunks are missing`]);
    room.clock.advance(3_600_000);
    expect([room.asked(), receiver.failures.length]).toEqual([[], 1]);
  });

  test("is asked after a pause where it leaves the session open, with another id", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    const [first] = room.asked() as [Asked];
    room.refuse("NOT_FOUND");
    expect(room.asked()).toEqual([]);
    const pause = room.clock.pending ?? 0;
    expect(pause).toBeGreaterThanOrEqual(100);
    room.clock.advance(pause - 1);
    expect(room.asked()).toEqual([]);
    room.clock.advance(1);
    const [second] = room.asked() as [Asked];
    expect(second.id).not.toBe(first.id);
    room.answer(receiver, second);
    room.serve(receiver);
    expect([receiver.isWhole, receiver.failures]).toEqual([true, []]);
  });

  test("now and then is not given up while chunks come in between", () => {
    const room = new ChunkRoom({ window: 1 });
    const receiver = room.begin(3_000);
    while (!receiver.isWhole) {
      for (let times = 0; times < 2; times += 1) {
        room.asked();
        room.refuse("UNKNOWN");
        room.endPause();
      }
      room.answer(receiver, room.asked()[0] as Asked);
      expect(receiver.failures).toEqual([]);
    }
  });
});

describe("giving up", () => {
  test("comes after sixty sessions in a row that brought nothing", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    for (let session = 1; session <= 60; session += 1) {
      expect(receiver.failures).toEqual([]);
      room.clock.advance(1_000);
      room.link.close();
      room.connect();
    }
    expect(receiver.failures).toEqual(["download-timeout: 6 chunks are missing"]);
  });

  test("does not come by sessions that nothing was asked in", () => {
    const room = new ChunkRoom();
    const receiver = room.receiver(600);
    room.chunks.serve(receiver).start();
    for (let session = 1; session <= 200; session += 1) {
      room.link.open();
      room.link.close();
    }
    room.link.room = 0;
    for (let session = 1; session <= 200; session += 1) {
      room.connect();
      room.link.close();
    }
    expect(receiver.failures).toEqual([]);
  });

  test.each([1, 4, 8, 64])("comes after half an hour of silence, with a window of %d", (window) => {
    const room = new ChunkRoom({ window });
    const receiver = room.begin(10_000);
    room.clock.advance(27 * 60_000);
    expect(receiver.failures).toEqual([]);
    room.clock.advance(9 * 60_000);
    expect(receiver.failures).toEqual(["download-timeout: 100 chunks are missing"]);
    expect(room.clock.pending).toBeUndefined();
  });

  test("comes after ten wrong answers in a row", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    for (let times = 1; times <= 10; times += 1) {
      expect(receiver.failures).toEqual([]);
      room.deliver((room.asked()[0] as Asked).id, 0, nothing);
      room.endPause();
    }
    expect(receiver.failures).toEqual(["package-malformed: 6 chunks are missing"]);
  });

  test("has the reason of this package, not of the one before", () => {
    const room = new ChunkRoom();
    const first = room.begin(600);
    for (let times = 0; times < 3; times += 1) {
      room.refuse("NOT_FOUND");
      room.endPause();
    }
    expect(first.failures).toEqual(["package-not-found: 6 chunks are missing"]);
    const second = room.begin(700);
    for (let session = 1; session <= 60; session += 1) {
      room.link.close();
      room.connect();
    }
    expect(second.failures).toEqual(["download-timeout: 7 chunks are missing"]);
  });

  test("has no reason from before a chunk came", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    room.asked();
    room.refuse("FAILURE");
    room.endPause();
    room.answer(receiver, room.asked()[0] as Asked);
    for (let session = 1; session <= 60; session += 1) {
      room.link.close();
      room.connect();
    }
    expect(receiver.failures).toEqual(["download-timeout: 5 chunks are missing"]);
  });

  test("is begun anew by the next start", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    for (let times = 0; times < 3; times += 1) {
      room.refuse("NOT_FOUND");
      room.endPause();
    }
    expect(receiver.failures).toHaveLength(1);
    room.asked();
    room.chunks.start();
    room.asked();
    room.refuse("NOT_FOUND");
    room.endPause();
    room.answer(receiver, room.asked()[0] as Asked);
    room.serve(receiver);
    expect([receiver.failures.length, receiver.isWhole]).toEqual([1, true]);
  });
});

describe("stopping", () => {
  test.each([
    ["while it waits", (_room: ChunkRoom) => {}],
    ["while it pauses", (room: ChunkRoom) => room.refuse("NOT_FOUND")],
    ["between two sessions", (room: ChunkRoom) => room.link.close()],
  ])("%s: nothing is called back, and starting goes on with what is missing", (_, before) => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    const [first] = room.asked() as [Asked];
    room.answer(receiver, first);
    const waiting = room.asked();
    before(room);
    room.chunks.stop();
    room.chunks.stop();
    for (const each of waiting) room.answer(receiver, each);
    room.deliver(first.id, 1, nothing);
    for (let times = 0; times < 5; times += 1) room.refuse("NOT_FOUND");
    room.link.close();
    room.connect();
    room.link.relieve();
    room.clock.advance(3_600_000);
    expect([receiver.came, receiver.failures, room.asked()]).toEqual([[0], [], []]);
    room.chunks.start();
    room.chunks.start();
    expect(room.serve(receiver).map(({ chunk }) => chunk)).toEqual([1, 2, 3, 4, 5]);
    expect(receiver.isWhole).toBe(true);
  });

  test("from inside the callback of a chunk", () => {
    const room = new ChunkRoom();
    const receiver = room.begin(600);
    receiver.onTaken = () => room.chunks.stop();
    const [first] = room.asked() as [Asked];
    room.answer(receiver, first);
    expect([room.asked(), room.clock.pending]).toEqual([[], undefined]);
  });

  test("is what serving another package does, of another chunk length", () => {
    const room = new ChunkRoom();
    const one = room.begin(6_000, 1_000);
    const [first] = room.asked() as [Asked];
    room.answer(one, first);
    const waiting = room.asked();
    const other = room.receiver(300, 50);
    const source = room.chunks.serve(other);
    expect(room.asked()).toEqual([]);
    source.start();
    for (const each of waiting) room.answer(one, each);
    const asked = room.serve(other);
    expect(asked.map(({ chunk, length }) => [chunk, length])).toEqual([0, 1, 2, 3, 4, 5].map((chunk) => [chunk, 50]));
    expect([one.came, one.failures, other.isWhole]).toEqual([[0], [], true]);
  });

  test("starting without anybody to serve does nothing", () => {
    const room = new ChunkRoom();
    room.connect();
    room.chunks.start();
    room.refuse("NOT_FOUND");
    room.deliver(0, 0, nothing);
    room.link.close();
    room.connect();
    room.clock.advance(3_600_000);
    expect(room.asked()).toEqual([]);
  });
});
