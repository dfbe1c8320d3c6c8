// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { askedOf, HttpRig, join } from "./http-rig.js";

describe("a redirect", () => {
  const to = (location: string, status = 302) => `HTTP/1.1 ${status} X\r\nLocation: ${location}\r\n\r\nbody`;

  test.each([301, 302, 303, 307, 308])("with status %d is followed at once", (status) => {
    const rig = new HttpRig();
    rig.start();
    rig.say(to("http://other.test:81/x?y", status));
    expect(rig.network.sockets[0]?.isClosed).toBe(true);
    rig.open();
    expect(rig.network.socket.options).toMatchObject({ host: "other.test", port: 81 });
    expect(rig.asked.lines.slice(0, 3)).toEqual(["GET /x?y HTTP/1.1", "Host: other.test:81", "Range: bytes=0-149"]);
    rig.say(rig.goodAnswer());
    expect([rig.missing, rig.clock.now]).toEqual([0, 0]);
  });

  test("may lead to TLS, and the next request begins at the package's own URL", () => {
    const rig = new HttpRig({ present: [1] });
    rig.start();
    rig.say(to("https://files.test/fw.bin"));
    rig.open(rig.secureNetwork);
    const socket = rig.secureNetwork.socket;
    rig.say(join("HTTP/1.1 206 X\r\nContent-Range: bytes 0-63/150\r\n\r\n", rig.part(0, 64)), undefined, socket);
    rig.open();
    expect(askedOf(rig.network.socket)).toMatchObject({ start: 128, last: 149 });
  });

  test("from HTTPS to HTTP is refused at once, also the second", () => {
    for (const hops of [0, 1]) {
      const rig = new HttpRig({ url: "https://files.test/fw.bin" });
      rig.source.start();
      rig.open(rig.secureNetwork);
      if (hops > 0) {
        rig.say(to("/other"), undefined, rig.secureNetwork.socket);
        rig.open(rig.secureNetwork);
      }
      rig.say(to("http://files.test/fw.bin"), undefined, rig.secureNetwork.socket);
      expect(rig.end).toBe("url-refused: a redirect from HTTPS to HTTP, files.test");
      expect(rig.connections).toBe(0);
    }
  });

  test.each(["ftp://files.test/fw.bin", "http://u:p@files.test/", `/${"x".repeat(1_100)}`, "http://a b/", "https:"])(
    "to %s is refused at once",
    (location) => {
      const rig = new HttpRig();
      rig.start();
      rig.say(to(location));
      expect(rig.end).toBe("url-refused: a redirect to what is no URL of HTTP, files.test");
    },
  );

  test("is followed five times, then it counts as refused", () => {
    const rig = new HttpRig();
    rig.source.start();
    const instants: number[] = [];
    while (rig.end === undefined) {
      rig.open();
      if (rig.end !== undefined) break;
      if (rig.asked.lines[0] === "GET /fw.bin HTTP/1.1") instants.push(rig.clock.now);
      rig.say(to(`/${rig.connections}`));
    }
    expect(rig.end).toBe("http-refused: too many redirects, files.test");
    expect([rig.connections, instants.length]).toEqual([18, 3]);
  });

  test("that leads nowhere is nonsense", () => {
    const rig = new HttpRig();
    rig.start();
    rig.say("HTTP/1.1 302 Found\r\n\r\n");
    expect(rig.log.reasons("ota.http")).toEqual(["http-malformed"]);
    expect(rig.end).toBeUndefined();
  });
});
