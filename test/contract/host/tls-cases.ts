// SPDX-License-Identifier: Apache-2.0

import type { Host, TlsOptions } from "../../../modules/core/ports.js";
import { check, equal, throws } from "../check.js";
import type { HostCase } from "./case.js";
import { socketCases } from "./socket-cases.js";

const address = "127.0.0.1";
const noop = (): void => undefined;

function fails(reason: string): never {
  throw new Error(`failed: ${reason}`);
}

/** What is true of a socket is true of one over TLS. */
function overTls({ name, run }: HostCase): HostCase {
  return {
    name: `over TLS, ${name}`,
    run: (host, done, peers) =>
      run({ ...host, connect: host.secure({ ca: peers.tls.ca }) }, done, { ...peers, ...peers.tls }),
  };
}

/** Expects that what is written comes back. */
function expectEcho(host: Host, port: number, tls: TlsOptions, done: () => void): void {
  const into = new Uint8Array(5);
  let hasWritten = false;
  const socket = host.secure(tls)({
    host: address,
    port,
    onWritable: () => {
      if (!hasWritten) socket.write(Uint8Array.of(1, 2, 3, 4, 5), 0, 5);
      hasWritten = true;
    },
    onReadable: (count) => {
      equal(count, 5, "readable");
      equal(socket.read(into, 0, 5), 5, "read");
      equal(into, Uint8Array.of(1, 2, 3, 4, 5), "received");
      socket.close();
      done();
    },
    onError: fails,
  });
}

/** Expects that the server was asked for `expected`. */
function expectName(host: Host, port: number, tls: TlsOptions, expected: string, done: () => void): void {
  let text = "";
  const into = new Uint8Array(40);
  const socket = host.secure(tls)({
    host: address,
    port,
    onWritable: noop,
    onReadable: () => {
      text += host.text.decode(into, 0, socket.read(into, 0, into.length));
    },
    onError: (reason) => {
      equal(reason, "connection-closed", "reason");
      equal(text, expected, "name");
      done();
    },
  });
}

export const tlsCases: readonly HostCase[] = [
  ...socketCases.map(overTls),
  {
    name: "a server's certificate may lead to the authority by another one",
    run: (host, done, { tls }) => expectEcho(host, tls.chained, { ca: tls.ca }, done),
  },
  {
    name: "one authority among several is enough",
    run: (host, done, { tls }) => expectEcho(host, tls.echo, { ca: `${tls.otherCa}\n${tls.ca}` }, done),
  },
  {
    name: "the name that is asked for need not be the address that is connected to",
    run: (host, done, { tls }) =>
      expectName(host, tls.named, { ca: tls.ca, serverName: "device.test" }, "device.test", done),
  },
  {
    name: "a device with a certificate gets in where one is wanted",
    run: (host, done, { tls }) => expectEcho(host, tls.strict, { ca: tls.ca, ...tls.identity }, done),
  },
  {
    name: "a device with a certificate gets in where none is wanted",
    run: (host, done, { tls }) => expectEcho(host, tls.echo, { ca: tls.ca, ...tls.identity }, done),
  },
  {
    name: "a server that does not answer the handshake is not called connected, and closing that is silent",
    run: (host, done, { tls }) => {
      let isClosed = false;
      const socket = host.secure({ ca: tls.ca })({
        host: address,
        port: tls.silent,
        onReadable: () => fails("readable"),
        onWritable: () => fails("writable"),
        onError: () => fails(isClosed ? "error after close" : "error"),
      });
      const after = host.clock.timer(done);
      host.clock
        .timer(() => {
          isClosed = true;
          socket.close();
          after.start(150);
        })
        .start(150);
    },
  },
  {
    name: "two connections with the same certificates do not disturb each other",
    run: (host, done, { tls }) => {
      const connect = host.secure({ ca: tls.ca });
      const received: number[] = [];
      const into = new Uint8Array(1);
      for (const value of [1, 2]) {
        let hasWritten = false;
        const socket = connect({
          host: address,
          port: tls.echo,
          onWritable: () => {
            if (!hasWritten) socket.write(Uint8Array.of(value), 0, 1);
            hasWritten = true;
          },
          onReadable: () => {
            socket.read(into, 0, 1);
            equal(into[0], value, "received");
            received.push(value);
            socket.close();
            if (received.length === 2) done();
          },
          onError: fails,
        });
      }
    },
  },
  {
    name: "PEM that is not what it should be is refused at once",
    run: (host, done, { tls }) => {
      const { ca, identity, otherIdentity } = tls;
      const { certificate, privateKey } = identity;
      const refuse = (options: object, kind: typeof RangeError | typeof TypeError, what: string): void =>
        throws(() => host.secure(options as TlsOptions), kind, what);
      refuse({}, TypeError, "no ca");
      refuse({ ca: 1 }, TypeError, "ca is a number");
      refuse({ ca: "" }, RangeError, "ca is empty");
      refuse({ ca: "nonsense" }, RangeError, "ca is nonsense");
      refuse({ ca: ca.replace("MII", "!!!") }, RangeError, "ca is not base64");
      refuse({ ca: cut(ca) }, RangeError, "ca is cut off");
      refuse({ ca: `${ca}${cut(ca)}` }, RangeError, "the second ca is cut off");
      refuse({ ca: privateKey }, RangeError, "ca is a key");
      refuse({ ca, serverName: "" }, RangeError, "serverName is empty");
      refuse({ ca, serverName: 1 }, TypeError, "serverName is a number");
      refuse({ ca, certificate }, TypeError, "no key");
      refuse({ ca, privateKey }, TypeError, "no certificate");
      refuse({ ca, certificate: "nonsense", privateKey }, RangeError, "certificate is nonsense");
      refuse({ ca, certificate, privateKey: "nonsense" }, RangeError, "key is nonsense");
      refuse({ ca, certificate, privateKey: certificate }, RangeError, "key is a certificate");
      refuse({ ca, certificate, privateKey: otherIdentity.privateKey }, RangeError, "key is another one's");
      check(typeof host.secure({ ca, ...identity }) === "function", "what is right is taken");
      done();
    },
  },
];

/** PEM whose lines between the first two and the last are lost. */
function cut(pem: string): string {
  const lines = pem.trim().split("\n");
  return [...lines.slice(0, 3), ...lines.slice(-1), ""].join("\n");
}
