// SPDX-License-Identifier: Apache-2.0

import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { type Identity, makeAuthority } from "../../fakes/certificates.js";
import { chunkLength, type DeviceOptions, HttpDevice } from "./http-device.js";
import { type Asked, FileServer } from "./http-file-server.js";

/** Not a whole number of chunks. */
const content = Buffer.from(Uint8Array.from({ length: 300_001 }, (_, index) => (index * 31 + (index >> 8) * 7) & 255));
const chunks = Math.ceil(content.length / chunkLength);

/** Most bytes of a head that these servers send. */
const headLength = 300;

const authority = makeAuthority("Test authority");
const opened: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function serve(identity?: Identity): Promise<FileServer> {
  const server = new FileServer(content, identity);
  opened.push(server);
  await server.listen();
  return server;
}

function serveSecurely(hosts = ["127.0.0.1"]): Promise<FileServer> {
  return serve(authority.issue({ commonName: "server", hosts }));
}

function deviceFor(url: string, options: Partial<DeviceOptions> = {}): HttpDevice {
  const device = new HttpDevice({ url, content, ...options });
  opened.push(device);
  return device;
}

/** Notes whether each request begins with the first byte that is missing by then. */
function watch(server: FileServer, device: HttpDevice): { readonly misses: string[] } {
  const misses: string[] = [];
  const { behaviour } = server;
  server.behaviour = (asked, response) => {
    if (asked.start !== device.firstMissing) misses.push(`${asked.start} instead of ${device.firstMissing}`);
    behaviour(asked, response);
  };
  return { misses };
}

/** Sends a range slice by slice, and then `onEnd`. */
function trickle(server: FileServer, asked: Asked, response: ServerResponse, length: number, pause: number): void {
  server.sendHead(asked, response);
  const slice = (start: number): void => {
    const end = Math.min(start + length, asked.last + 1);
    response.write(server.content.subarray(start, end));
    if (end > asked.last) response.end();
    else if (!response.destroyed) setTimeout(slice, pause, end);
  };
  slice(asked.start);
}

test("a package is fetched with one request, and not a byte more than it has", async () => {
  const server = await serve();
  const device = deviceFor(server.url);
  expect(await device.fetch()).toBe("done");
  expect(server.asked.map(({ path, start, last }) => [path, start, last])).toEqual([["/fw.bin?token=1", 0, 300_000]]);
  expect(device.read - content.length).toBeGreaterThan(0);
  expect(device.read - content.length).toBeLessThan(headLength);
  expect(device.longestRead).toBeLessThanOrEqual(chunkLength);
});

test("only the runs of chunks are fetched that are missing", async () => {
  const server = await serve();
  const present = Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => chunk % 20 > 2);
  const device = deviceFor(server.url, { present });
  expect(await device.fetch()).toBe("done");
  expect(server.asked.map(({ start, last }) => (last + 1 - start) / chunkLength)).toEqual([3, 3, 3, 3]);
  expect(server.asked.map(({ headers }) => headers["if-range"])).toEqual([undefined, '"v1"', '"v1"', '"v1"']);
  expect(device.read).toBeLessThan(12 * chunkLength + 4 * headLength);
});

test("a server that knows no ranges sends everything once, in chunks of its own", async () => {
  const server = await serve();
  server.behaviour = (_, response) => {
    response.writeHead(200);
    for (let at = 0; at < content.length; at += 999) response.write(content.subarray(at, at + 999));
    response.end();
  };
  const device = deviceFor(server.url, { present: [0, 1, 2, 50] });
  expect(await device.fetch()).toBe("done");
  expect([server.asked.length, device.came.length]).toEqual([1, chunks - 4]);
});

test("over TLS the server has to prove who it is", async () => {
  const server = await serveSecurely();
  const device = deviceFor(server.url, { tls: { ca: authority.certificate } });
  expect(await device.fetch()).toBe("done");
  expect(server.asked.length).toBe(1);
});

test.each([
  ["of another authority", ["127.0.0.1"], makeAuthority("Another").certificate, "tls-untrusted"],
  ["of another host", ["127.0.0.2"], authority.certificate, "tls-wrong-host"],
])("a certificate %s is refused three times and then for good, without a request", async (_, hosts, ca, reason) => {
  const server = await serveSecurely(hosts);
  const device = deviceFor(server.url, { tls: { ca }, haste: 300 });
  expect(await device.fetch()).toBe(`${reason}: the connection, 127.0.0.1`);
  expect(server.asked).toEqual([]);
});

test("a server that is restarted again and again costs the chunk under way each time", async () => {
  const server = await serve();
  server.behaviour = (asked, response) => trickle(server, asked, response, 5_000, 2);
  const device = deviceFor(server.url);
  const { misses } = watch(server, device);
  let restarts = 0;
  device.onCame = (chunk) => {
    // Later ones may be under way already, all of them.
    if (chunk % 12 !== 11 || chunk > chunks - 12) return;
    restarts += 1;
    void server.close().then(() => setTimeout(() => void server.listen(), 30));
  };
  expect(await device.fetch()).toBe("done");
  expect([restarts, misses]).toEqual([5, []]);
  expect(server.asked.length).toBe(6);
  expect(device.read).toBeLessThan(content.length + 6 * (headLength + chunkLength));
  expect(new Set(device.came).size).toBe(chunks);
});

test("over TLS it is the same", async () => {
  const server = await serveSecurely();
  server.behaviour = (asked, response) => {
    server.sendHead(asked, response);
    response.write(content.subarray(asked.start, Math.min(asked.start + 100_000, asked.last + 1)), () => {
      setTimeout(() => response.destroy(), 100);
    });
  };
  const device = deviceFor(server.url, { tls: { ca: authority.certificate } });
  const { misses } = watch(server, device);
  expect(await device.fetch()).toBe("done");
  expect([server.asked.map(({ start }) => start), misses]).toEqual([[0, 98_304, 196_608, 294_912], []]);
});

test("a slow server is waited for, on one connection", async () => {
  const server = await serve();
  server.behaviour = (asked, response) => trickle(server, asked, response, 1_460, 5);
  const device = deviceFor(server.url);
  expect(await device.fetch()).toBe("done");
  expect([server.asked.length, device.log.entries]).toEqual([1, []]);
});

test("a server that falls silent is left after 30 s, and the next connection goes on", async () => {
  const server = await serve();
  server.behaviour = (asked, response) => {
    server.sendHead(asked, response);
    const end = asked.start === 0 ? 10_000 : asked.last + 1;
    response.write(content.subarray(asked.start, end));
  };
  const device = deviceFor(server.url, { haste: 60 });
  expect(await device.fetch()).toBe("done");
  expect(server.asked.map(({ start }) => start)).toEqual([0, 8_192]);
  expect(device.log.reasons("ota.http")).toEqual(["download-timeout"]);
});

test("a server that only listens is given up after ten connections", async () => {
  const server = await serve();
  server.behaviour = () => undefined;
  const device = deviceFor(server.url, { haste: 1_000 });
  expect(await device.fetch()).toBe("download-timeout: silence, 127.0.0.1");
  expect(server.asked.length).toBe(10);
});

test("a redirect leads from HTTP to HTTPS, and each range begins where the package's URL is", async () => {
  const [front, back] = [await serve(), await serveSecurely()];
  front.behaviour = (_, response) => response.writeHead(302, { Location: back.url.replace("fw.bin", "signed") }).end();
  const device = deviceFor(front.url, { tls: { ca: authority.certificate }, present: [5] });
  expect(await device.fetch()).toBe("done");
  expect([front.asked.length, back.asked.map(({ path }) => path)]).toEqual([2, ["/signed?token=1", "/signed?token=1"]]);
});

test("redirects in a circle are refused", async () => {
  const server = await serve();
  server.behaviour = (_, response) => response.writeHead(307, { Location: "fw.bin" }).end();
  const device = deviceFor(server.url, { haste: 1_000 });
  expect(await device.fetch()).toBe("http-refused: too many redirects, 127.0.0.1");
  expect(server.asked.length).toBe(3 * 6);
});

test("a file that is not there is asked for three times", async () => {
  const server = await serve();
  server.behaviour = (_, response) => response.writeHead(404).end("nothing");
  const device = deviceFor(server.url, { haste: 1_000 });
  expect(await device.fetch()).toBe("http-refused: status 404, 127.0.0.1");
  expect(server.asked.length).toBe(3);
});

test("a busy server is left alone for as long as it wants", async () => {
  const server = await serve();
  const instants: number[] = [];
  const { behaviour } = server;
  server.behaviour = (asked, response) => {
    instants.push(performance.now());
    if (instants.length > 1) behaviour(asked, response);
    else response.writeHead(503, { "Retry-After": "20" }).end();
  };
  const device = deviceFor(server.url, { haste: 100 });
  expect(await device.fetch()).toBe("done");
  const [first = 0, second = 0] = instants;
  expect(second - first).toBeGreaterThan(190);
});

test("a file that is replaced under way is not put together with the old one", async () => {
  const server = await serve();
  const { behaviour } = server;
  server.behaviour = (asked, response) => {
    server.tag = asked.start === 0 ? '"v1"' : '"v2"';
    behaviour(asked, response);
  };
  const device = deviceFor(server.url, { present: [3] });
  expect(await device.fetch()).toBe("package-withdrawn: another file since the download began, 127.0.0.1");
  expect(device.came).toEqual([0, 1, 2]);
});

test("a file of another size is refused before a byte of it is taken", async () => {
  const server = await serve();
  const device = deviceFor(server.url, { content: content.subarray(1) });
  expect(await device.fetch()).toBe("package-malformed: 300001 bytes instead of 300000, 127.0.0.1");
  expect(device.came).toEqual([]);
});

test("a device whose download is stopped lets go of the server, and goes on later", async () => {
  const server = await serve();
  server.behaviour = (asked, response) => trickle(server, asked, response, 5_000, 1);
  const device = deviceFor(server.url);
  const { misses } = watch(server, device);
  device.onCame = (chunk) => {
    if (chunk !== 20) return;
    device.source.stop();
    setTimeout(() => {
      expect(device.came.length).toBe(21);
      device.source.start();
    }, 50);
  };
  expect(await device.fetch()).toBe("done");
  expect([server.asked.map(({ start }) => start), misses]).toEqual([[0, 21 * chunkLength], []]);
});
