// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { HttpRig, join } from "./http-rig.js";

describe("an entity tag", () => {
  test("is told to the server with the next range, once a chunk of it is there", () => {
    const rig = new HttpRig({ present: [1] });
    rig.start();
    rig.say(rig.goodAnswer('ETag: "v1"\r\n'));
    rig.open();
    expect(rig.asked.lines).toContain('If-Range: "v1"');
    rig.say(rig.goodAnswer('ETag: "v1"\r\n'));
    expect(rig.missing).toBe(0);
  });

  test("outlives a stop", () => {
    const rig = new HttpRig();
    rig.start();
    const answer = rig.goodAnswer('ETag: "v1"\r\n');
    rig.say(answer.subarray(0, answer.length - 40));
    rig.source.stop();
    rig.start();
    rig.open();
    expect(rig.asked.lines).toContain('If-Range: "v1"');
  });

  test.each(["206", "200"])("that is another one ends the download, with status %s", (status) => {
    const rig = new HttpRig({ present: [1] });
    rig.start();
    rig.say(rig.goodAnswer('ETag: "v1"\r\n'));
    rig.open();
    const range = status === "206" ? "Content-Range: bytes 128-149/150\r\n" : "";
    rig.say(`HTTP/1.1 ${status} X\r\n${range}ETag: "v2"\r\n\r\n`);
    expect(rig.end).toBe("package-withdrawn: another file since the download began, files.test");
    expect(rig.came).toEqual([0]);
  });

  test("does not matter as long as no chunk of it is there", () => {
    const rig = new HttpRig();
    rig.start();
    rig.say(rig.goodAnswer('ETag: "v1"\r\n').subarray(0, 140));
    rig.network.socket.fail("connection-reset");
    rig.open();
    expect(rig.asked.lines.join()).not.toContain("If-Range");
    rig.say(rig.goodAnswer('ETag: "v2"\r\n'));
    expect(rig.missing).toBe(0);
  });

  test.each(['W/"v1"', "v1", '"v\u00e4"'])("%s is no strong one, and not told", (tag) => {
    const rig = new HttpRig({ present: [1] });
    rig.start();
    rig.say(rig.goodAnswer(`ETag: ${tag}\r\n`));
    rig.open();
    expect(rig.asked.lines.join()).not.toContain("If-Range");
  });

  test("that the server leaves out is not missed", () => {
    const rig = new HttpRig({ present: [1] });
    rig.start();
    rig.say(rig.goodAnswer('ETag: "v1"\r\n'));
    rig.open();
    rig.say(join("HTTP/1.1 200 OK\r\n\r\n", rig.content));
    expect(rig.missing).toBe(0);
  });
});
