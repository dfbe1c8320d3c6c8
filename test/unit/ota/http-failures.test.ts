// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Reason } from "../../../modules/core/errors.js";
import { HttpRig, join } from "./http-rig.js";

/** Lets every attempt fare alike until the source gives up; returns the pauses between them. */
function exhaust(rig: HttpRig, fare: () => void, network = rig.network): number[] {
  const instants: number[] = [];
  rig.source.start();
  while (rig.end === undefined) {
    rig.open(network);
    if (rig.end !== undefined) break;
    instants.push(rig.clock.now);
    fare();
  }
  expect([rig.clock.pending, network.socket.isClosed]).toEqual([undefined, true]);
  return instants.slice(1).map((instant, index) => instant - (instants[index] as number));
}

/** Pauses are as long as the window, since the dice fall so. */
const tenAttempts = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 128_000];
const threeAttempts = [30_000, 60_000];

describe("given up at once", () => {
  test.each(["ftp://files.test/fw.bin", "", "http://u@files.test/", `http://files.test/${"x".repeat(1_010)}`])(
    "is the URL %j, but not inside start",
    (url) => {
      const rig = new HttpRig({ url });
      rig.source.start();
      expect(rig.end).toBeUndefined();
      rig.clock.advance(0);
      expect([rig.end, rig.connections]).toEqual(["url-refused: no URL of HTTP", 0]);
      expect(rig.clock.pending).toBeUndefined();
    },
  );

  test("is HTTPS without TLS, and nothing is told of the path", () => {
    const rig = new HttpRig({ url: "https://files.test/fw.bin?secret", hasTls: false });
    rig.source.start();
    rig.clock.advance(0);
    expect(rig.end).toBe("tls-unavailable: no TLS, files.test");
  });

  test.each([
    ["a longer range", "206 X\r\nContent-Range: bytes 0-149/151", "151 bytes instead of 150"],
    ["a shorter range", "206 X\r\nContent-Range: bytes 0-148/149", "149 bytes instead of 150"],
    ["a longer body", "200 OK\r\nContent-Length: 151", "151 bytes instead of 150"],
    ["a shorter body", "200 OK\r\nContent-Length: 0", "0 bytes instead of 150"],
    ["no such range", "416 X\r\nContent-Range: bytes */149", "149 bytes instead of 150"],
  ])("is a package of another size, told by %s", (_, head, detail) => {
    const rig = new HttpRig();
    rig.start();
    rig.say(`HTTP/1.1 ${head}\r\n\r\n`);
    expect(rig.end).toBe(`package-malformed: ${detail}, files.test`);
    expect([rig.clock.pending, rig.network.socket.isClosed]).toEqual([undefined, true]);
  });

  test("nothing is that start could not begin again", () => {
    const rig = new HttpRig();
    rig.start();
    rig.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    rig.end = undefined;
    rig.start();
    rig.say(rig.goodAnswer());
    expect(rig.missing).toBe(0);
  });
});

describe("given up after three attempts", () => {
  test.each([204, 300, 304, 305, 400, 401, 403, 404, 410, 412, 416, 417, 451, 499])("is status %d", (status) => {
    const rig = new HttpRig();
    const pauses = exhaust(rig, () => rig.say(`HTTP/1.1 ${status} X\r\nRetry-After: 1000\r\n\r\n`));
    expect(rig.end).toBe(`http-refused: status ${status}, files.test`);
    expect(pauses).toEqual(threeAttempts);
  });

  test.each<Reason>(["tls-untrusted", "tls-expired", "tls-wrong-host", "tls-refused", "tls-failed", "tls-unavailable"])(
    "is %s",
    (reason) => {
      const rig = new HttpRig({ url: "https://files.test/fw.bin" });
      const pauses = exhaust(rig, () => rig.secureNetwork.socket.fail(reason), rig.secureNetwork);
      expect(rig.end).toBe(`${reason}: the connection, files.test`);
      expect(pauses).toEqual(threeAttempts);
    },
  );

  test("are refusals among other failures, too", () => {
    const rig = new HttpRig();
    let count = 0;
    exhaust(rig, () => {
      count += 1;
      if (count % 2 === 0) rig.say("HTTP/1.1 404 Not Found\r\n\r\n");
      else rig.network.socket.fail("connection-reset");
    });
    expect([count, rig.end]).toEqual([6, "http-refused: status 404, files.test"]);
  });
});

describe("given up after ten attempts", () => {
  test.each<Reason>(["dns-failed", "connect-refused", "connection-reset", "connection-closed", "tls-not-yet-valid"])(
    "is %s",
    (reason) => {
      const rig = new HttpRig();
      const pauses = exhaust(rig, () => rig.network.socket.fail(reason));
      expect(rig.end).toBe(`${reason}: the connection, files.test`);
      expect(pauses).toEqual(tenAttempts);
      expect(rig.failures.counts.of(reason)).toBe(10);
    },
  );

  test.each([408, 425, 429, 500, 502, 503, 504, 599])("is status %d", (status) => {
    const rig = new HttpRig();
    const pauses = exhaust(rig, () => rig.say(`HTTP/1.1 ${status} X\r\n\r\n`));
    expect(rig.end).toBe(`http-refused: status ${status}, files.test`);
    expect(pauses).toEqual(tenAttempts);
  });

  test("is a network that has no sockets", () => {
    const rig = new HttpRig();
    rig.network.isBroken = true;
    rig.source.start();
    rig.pass(() => rig.end !== undefined);
    expect(rig.end).toBe("connect-refused: the connection, files.test");
    expect(rig.failures.counts.total).toBe(10);
  });

  test("is a socket that takes no request", () => {
    const rig = new HttpRig();
    rig.source.start();
    for (let count = 1; count <= 10; count += 1) {
      rig.pass(() => rig.connections === count);
      rig.network.socket.failsNextWrite = true;
      rig.network.socket.allow(4_096);
    }
    rig.clock.advance(0);
    expect(rig.end).toBe("connection-reset: the connection, files.test");
  });

  const nonsense: readonly (readonly [string, string, (readonly number[])?])[] = [
    ["no status line", "<html>hello</html>\r\n"],
    ["TLS", "\x15\x03\x03\x00\x02\x02\x28"],
    ["an endless line", "x".repeat(10_000)],
    ["an endless head", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(4_000)}`],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -150\r\n\r\n"],
    ["206 without a range", "HTTP/1.1 206 X\r\nContent-Length: 150\r\n\r\n"],
    ["206 with parts", "HTTP/1.1 206 X\r\nContent-Type: multipart/byteranges; boundary=x\r\n\r\n--x\r\n"],
    ["206 with no range", "HTTP/1.1 206 X\r\nContent-Range: bytes */150\r\n\r\n"],
    ["206 from before", "HTTP/1.1 206 X\r\nContent-Range: bytes 0-149/150\r\n\r\n", [0]],
    ["206 from behind", "HTTP/1.1 206 X\r\nContent-Range: bytes 1-149/150\r\n\r\n"],
    ["206 beyond what was asked for", "HTTP/1.1 206 X\r\nContent-Range: bytes 0-149/150\r\n\r\n", [2]],
    ["206 with another length", "HTTP/1.1 206 X\r\nContent-Range: bytes 0-149/150\r\nContent-Length: 149\r\n\r\n"],
    ["a body that is compressed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"],
    ["a coding that was not asked for", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"],
    ["chunks of nonsense", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"],
    ["chunks of nothing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["chunks that end early", `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["a range that is shorter than a chunk", "HTTP/1.1 206 X\r\nContent-Range: bytes 0-9/150\r\n\r\n0123456789"],
  ];
  test.each(nonsense.map(([name]) => name))("is %s, however it comes", (name) => {
    const [, said = "", present = []] = nonsense.find((row) => row[0] === name) ?? [];
    for (const step of [1, 1_000]) {
      const rig = new HttpRig({ present, isCareless: true });
      const { missing } = rig;
      const pauses = exhaust(rig, () => rig.say(said, step));
      expect(rig.end).toMatch(/^http-malformed: /);
      expect([rig.missing, pauses]).toEqual([missing, tenAttempts]);
      if (said.length > 5_000) break;
    }
  });
});

describe("a pause", () => {
  test("is as long as the server wants it, with 900 s as the bound, and no shorter than the usual one", () => {
    for (const [said, expected] of [
      ["7", 7_000],
      ["0", 1_000],
      ["900", 900_000],
      ["99999999999", 900_000],
      ["soon", 1_000],
    ] as const) {
      const rig = new HttpRig();
      rig.start();
      rig.say(`HTTP/1.1 503 X\r\nRetry-After: ${said}\r\n\r\n`);
      expect(rig.clock.pending).toBe(expected);
    }
  });

  test("begins with the shortest again, and failures count anew, after a chunk", () => {
    const rig = new HttpRig();
    const fail = () => rig.network.socket.fail("connection-reset");
    rig.source.start();
    for (let count = 0; count < 9; count += 1) {
      rig.open();
      fail();
    }
    rig.open();
    rig.say(rig.goodAnswer().subarray(0, -80));
    expect(rig.came).toEqual([0]);
    for (let count = 0; count < 9; count += 1) {
      fail();
      expect(rig.clock.pending).toBe(tenAttempts[count]);
      rig.open();
    }
    fail();
    expect(rig.end).toBe("connection-reset: the connection, files.test");
  });
});

test("refusals count anew after a chunk, and their pauses are short again", () => {
  const rig = new HttpRig();
  const refuse = () => {
    rig.open();
    rig.say("HTTP/1.1 404 Not Found\r\n\r\n");
    return rig.clock.pending;
  };
  rig.source.start();
  expect([refuse(), refuse()]).toEqual(threeAttempts);
  rig.open();
  rig.say(rig.goodAnswer().subarray(0, -80));
  rig.network.socket.fail("connection-reset");
  expect([refuse(), refuse(), rig.end]).toEqual([...threeAttempts, undefined]);
  refuse();
  expect(rig.end).toBe("http-refused: status 404, files.test");
});

describe("a connection that ends early", () => {
  test("at any byte costs no more than the chunk under way", () => {
    const answer = HttpRig.answer();
    const body = answer.length - 150;
    for (let length = 0; length < answer.length; length += 1) {
      const rig = new HttpRig();
      rig.start();
      rig.say(answer.subarray(0, length));
      rig.network.socket.fail("connection-closed");
      const whole = Math.floor(Math.max(0, length - body) / 64);
      rig.open();
      expect(rig.asked).toMatchObject({ start: whole * 64, last: 149 });
      rig.say(rig.goodAnswer());
      expect([rig.came, rig.end, rig.clock.now]).toEqual([[0, 1, 2], undefined, 1_000]);
    }
  });

  test("is gone on with for as long as each brings a chunk", () => {
    const rig = new HttpRig({ size: 64 * 30 });
    rig.source.start();
    while (rig.missing > 0) {
      rig.open();
      const { start } = rig.asked;
      const head = `HTTP/1.1 206 X\r\nContent-Range: bytes ${start}-1919/1920\r\n\r\n`;
      rig.say(join(head, rig.part(start, start + 70)));
      rig.network.socket.fail("connection-reset");
    }
    expect([rig.end, rig.connections]).toEqual([undefined, 30]);
  });
});

describe("silence", () => {
  test("while connecting is connect-timeout after 30 s", () => {
    const rig = new HttpRig();
    rig.source.start();
    rig.clock.advance(29_999);
    expect(rig.network.socket.isClosed).toBe(false);
    rig.clock.advance(1);
    expect(rig.network.socket.isClosed).toBe(true);
    expect(rig.log.reasons("ota.http")).toEqual(["connect-timeout"]);
  });

  test.each([0, 5, 90, 150])("after %d bytes is download-timeout after 30 s, from the latest byte on", (length) => {
    const rig = new HttpRig();
    rig.start();
    const answer = rig.goodAnswer();
    rig.clock.advance(29_000);
    if (length > 0) rig.say(answer.subarray(0, length));
    else rig.clock.advance(0);
    rig.clock.advance(length > 0 ? 29_999 : 999);
    expect(rig.network.socket.isClosed).toBe(false);
    rig.clock.advance(1);
    expect(rig.network.sockets[0]?.isClosed).toBe(true);
    expect(rig.log.reasons("ota.http")).toEqual(["download-timeout"]);
  });

  test("of ten connections is the end, with that reason", () => {
    const rig = new HttpRig();
    const pauses = exhaust(rig, () => undefined);
    expect(rig.end).toBe("download-timeout: silence, files.test");
    expect(pauses).toEqual(tenAttempts.map((pause) => pause + 30_000));
  });

  test("is as good as a byte now and then", () => {
    const rig = new HttpRig();
    const answer = HttpRig.answer();
    let bytes = 0;
    exhaust(rig, () => {
      const socket = rig.network.socket;
      for (let at = 0; at < answer.length && !socket.isClosed; at += 1) {
        socket.deliver(answer.subarray(at, at + 1));
        bytes += 1;
        if (!socket.isClosed) rig.clock.advance(20_000);
      }
    });
    expect(rig.end).toBe("download-timeout: too slow, files.test");
    expect([bytes, rig.came]).toEqual([40, []]);
  });

  test("is not what a slow server is, for hours", () => {
    const rig = new HttpRig({ size: 20_000, chunkLength: 256 });
    rig.start();
    const answer = rig.goodAnswer();
    for (let at = 0; at < answer.length; at += 400) {
      rig.say(answer.subarray(at, at + 400));
      rig.clock.advance(20_000);
    }
    expect([rig.missing, rig.connections]).toEqual([0, 1]);
  });
});

test("nothing is logged but hosts, and the first of each reason in a minute", () => {
  const rig = new HttpRig({ url: "http://files.test/secret?token=secret" });
  exhaust(rig, () => rig.say("HTTP/1.1 500 secret\r\nLocation: secret\r\n\r\n"));
  expect(JSON.stringify([rig.log.entries, rig.end])).not.toContain("secret");
  expect(rig.log.entries.length).toBeLessThan(10);
  expect(rig.log.entries[0]).toEqual({
    level: "warning",
    event: "ota.http",
    detail: "status 500, files.test, count 1",
    reason: "http-refused",
  });
});
