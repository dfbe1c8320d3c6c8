// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { chunked, HttpRig, join } from "./http-rig.js";

const ok = "HTTP/1.1 200 OK\r\n";

describe("a request", () => {
  test("asks for what is missing, once, on a connection of its own", () => {
    const rig = new HttpRig({ url: "http://files.test:8080/a/fw.bin?k=v#f" });
    rig.source.start();
    rig.source.start();
    expect(rig.connections).toBe(0);
    rig.open();
    const { options, isClosed } = rig.network.socket;
    expect([options.host, options.port, isClosed]).toEqual(["files.test", 8080, false]);
    expect(rig.asked.lines).toEqual([
      "GET /a/fw.bin?k=v HTTP/1.1",
      "Host: files.test:8080",
      "Range: bytes=0-149",
      "Accept-Encoding: identity",
      "User-Agent: xsthing",
      "Connection: close",
      "",
      "",
    ]);
    rig.say(rig.goodAnswer());
    expect(rig.came).toEqual([0, 1, 2]);
    expect([rig.connections, rig.network.socket.isClosed, rig.clock.pending]).toEqual([1, true, undefined]);
    expect(rig.log.entries).toEqual([]);
  });

  test("goes out piece by piece where the socket takes no more", () => {
    const rig = new HttpRig();
    rig.source.start();
    rig.clock.advance(0);
    const whole = new HttpRig();
    whole.start();
    for (let count = 0; count < 60; count += 1) rig.network.socket.allow(count % 7);
    expect(rig.asked.lines).toEqual(whole.asked.lines);
    expect(rig.network.socket.writes.length).toBeGreaterThan(20);
    rig.say(rig.goodAnswer());
    expect(rig.missing).toBe(0);
  });

  test("is as long as it has to be, with the longest URL", () => {
    const url = `http://files.test/${"x".repeat(1_002)}`;
    const rig = new HttpRig({ url });
    rig.start();
    expect(rig.asked.lines[0]).toBe(`GET ${url.slice(17)} HTTP/1.1`);
    expect(rig.asked.lines.at(-1)).toBe("");
  });

  test("is there for each run of missing chunks, and for no byte besides", () => {
    const rig = new HttpRig({ size: 64 * 9 + 1, present: [0, 3, 4, 7] });
    rig.start();
    const ranges: string[] = [];
    while (rig.missing > 0) {
      ranges.push(`${rig.asked.start}-${rig.asked.last}`);
      rig.say(rig.goodAnswer());
      if (rig.missing > 0) rig.open();
    }
    expect(ranges).toEqual(["64-191", "320-447", "512-576"]);
    expect(rig.came).toEqual([1, 2, 5, 6, 8, 9]);
    // Nothing has failed, so that nothing has to wait.
    expect(rig.clock.now).toBe(0);
  });

  test("is not made where nothing is missing", () => {
    const rig = new HttpRig({ present: [0, 1, 2] });
    rig.source.start();
    rig.clock.advance(1_000_000);
    expect([rig.connections, rig.end]).toEqual([0, undefined]);
  });

  test("goes over TLS for https, and only then", () => {
    const rig = new HttpRig({ url: "https://files.test/fw.bin" });
    rig.source.start();
    rig.open(rig.secureNetwork);
    expect([rig.secureNetwork.socket.options.port, rig.connections]).toEqual([443, 0]);
  });
});

describe("a response", () => {
  test("is taken wherever it is cut", () => {
    const length = HttpRig.answer().length;
    for (let cut = 1; cut < length; cut += 1) {
      const rig = new HttpRig();
      rig.start();
      const answer = rig.goodAnswer();
      rig.say(answer.subarray(0, cut));
      rig.say(answer.subarray(cut));
      expect(rig.came).toEqual([0, 1, 2]);
    }
  });

  test.each([1, 2, 3, 63, 64, 65, 1_000])("is taken %d bytes at a time", (step) => {
    const rig = new HttpRig();
    rig.start();
    rig.say(rig.goodAnswer(), step);
    expect(rig.came).toEqual([0, 1, 2]);
  });

  test.each([1, 10, 64, 150])("in chunks of %d bytes is put together wherever it is cut", (length) => {
    const range = "Content-Range: bytes 0-149/150\r\n";
    for (let step = 1; step < 200; step += 1) {
      const rig = new HttpRig();
      rig.start();
      const body = chunked(rig.content, length, ";x=y");
      rig.say(join(`HTTP/1.1 206 X\r\n${range}Transfer-Encoding: chunked\r\n\r\n`, body), step);
      expect([rig.came, rig.connections]).toEqual([[0, 1, 2], 1]);
    }
  });

  test("may be an HTTP/1.0 one, of unknown length and size", () => {
    const rig = new HttpRig({ present: [0] });
    rig.start();
    rig.say(join("HTTP/1.0 206 X\nContent-Range: bytes 64-149/*\n\n", rig.part(64, 150)));
    expect(rig.came).toEqual([1, 2]);
  });

  test("may come after interim ones", () => {
    const rig = new HttpRig();
    rig.start();
    rig.say(join("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: </a>\r\n\r\n", rig.goodAnswer()));
    expect(rig.missing).toBe(0);
  });

  test("may begin before the request is sent as a whole", () => {
    const rig = new HttpRig();
    rig.source.start();
    rig.clock.advance(0);
    rig.network.socket.allow(10);
    rig.say(join(`${ok}\r\n`, rig.content));
    expect(rig.missing).toBe(0);
  });

  test("of a server that knows no ranges is taken from its begin, but for what is there", () => {
    for (const present of [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]])
      for (const step of [1, 50, 64, 1_000])
        for (const fields of ["", "Content-Length: 150\r\n"]) {
          const rig = new HttpRig({ present });
          rig.start();
          rig.say(join(`${ok}${fields}\r\n`, rig.content), step);
          expect(rig.came).toEqual([0, 1, 2].filter((chunk) => !present.includes(chunk)));
          expect([rig.missing, rig.connections]).toEqual([0, 1]);
        }
  });

  test("may be a part of what was asked for: another request fetches the rest", () => {
    const rig = new HttpRig();
    rig.start();
    // What follows was not announced, and is none of the package.
    rig.say(join("HTTP/1.1 206 X\r\nContent-Range: bytes 0-99/150\r\n\r\n", rig.part(0, 100), rig.part(0, 50)));
    expect(rig.came).toEqual([0]);
    rig.open();
    expect(rig.asked).toMatchObject({ start: 64, last: 149 });
    expect(rig.clock.now).toBe(0);
  });

  test("that is over with the last byte ends the connection, whatever else the server would send", () => {
    const rig = new HttpRig({ present: [2] });
    rig.start();
    rig.say(join(rig.goodAnswer(), "nonsense".repeat(100)));
    expect([rig.missing, rig.network.socket.isClosed, rig.connections]).toEqual([0, true, 1]);
  });
});

describe("a callback", () => {
  test("takes no more than a chunk, and nothing that there is no room for", () => {
    const rig = new HttpRig({ size: 640 });
    rig.start();
    const socket = rig.network.socket;
    const seen: { readonly alarms: number; readonly unread: number }[] = [];
    rig.onCame = () => seen.push({ alarms: rig.alarms, unread: socket.unread });
    rig.say(rig.goodAnswer());
    expect(seen.length).toBe(10);
    for (let index = 1; index < seen.length; index += 1) {
      const [before, now] = [seen[index - 1], seen[index]];
      expect(now?.alarms).toBeGreaterThan(before?.alarms ?? Number.NaN);
      expect(now?.unread).toBeGreaterThanOrEqual((before?.unread ?? 0) - 64);
    }
  });

  test("that reads nothing does not come again by itself", () => {
    const rig = new HttpRig();
    rig.start();
    rig.network.socket.options.onReadable(50);
    rig.clock.advance(0);
    expect(rig.clock.pending).toBe(30_000);
  });

  test("of the end waits for what was read before it", () => {
    const rig = new HttpRig({ size: 74, present: [0] });
    rig.start();
    rig.say(join(`${ok}\r\n`, rig.part(0, 14)));
    const socket = rig.network.socket;
    // The end of a chunk that is there, and one that is to be looked at the next time.
    socket.deliver(rig.part(14, 74));
    expect([rig.missing, socket.unread]).toEqual([1, 0]);
    socket.fail("connection-closed");
    rig.clock.advance(0);
    expect([rig.missing, rig.failures.counts.total]).toEqual([0, 0]);
  });
});

describe("a chunk that the flash does not keep", () => {
  test("is asked for again behind those that follow it", () => {
    const rig = new HttpRig({ size: 256 });
    rig.unkept.add(1);
    rig.start();
    rig.say(rig.goodAnswer());
    rig.unkept.clear();
    rig.open();
    expect(rig.asked).toMatchObject({ start: 64, last: 127 });
    rig.say(rig.goodAnswer());
    expect(rig.came).toEqual([0, 1, 2, 3, 1]);
  });

  test("is not taken from its middle on, where it was there at its begin", () => {
    const rig = new HttpRig({ present: [0, 1] });
    rig.start();
    rig.say(join(`${ok}\r\n`, rig.part(0, 30)));
    rig.forget(0);
    rig.say(rig.part(30, 150));
    expect(rig.came).toEqual([2]);
    rig.open();
    expect(rig.asked).toMatchObject({ start: 0, last: 63 });
    rig.say(rig.goodAnswer());
    expect(rig.came).toEqual([2, 0]);
  });

  test("is asked for ten times and no more", () => {
    const rig = new HttpRig({ present: [0, 2] });
    rig.unkept.add(1);
    rig.source.start();
    while (rig.end === undefined) {
      rig.open();
      if (rig.end === undefined) rig.say(rig.goodAnswer());
    }
    expect(rig.came.length).toBe(10);
    expect(rig.end).toBe("storage-failed: no chunk could be kept, files.test");
  });
});

test("a buffer that holds no chunk is a mistake of the program", () => {
  expect(() => new HttpRig({ bufferLength: 63 })).toThrow(RangeError);
});

test("one timer is all that it takes", () => {
  const rig = new HttpRig({ present: [1] });
  rig.start();
  rig.say(rig.goodAnswer());
  rig.open();
  expect(rig.clock.timers).toBe(1);
});
