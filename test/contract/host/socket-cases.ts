// SPDX-License-Identifier: Apache-2.0

import type { Host, Socket } from "../../../modules/core/ports.js";
import { check, equal, throws } from "../check.js";
import type { HostCase } from "./case.js";

const address = "127.0.0.1";
const noop = (): void => undefined;

function fails(reason: string): never {
  throw new Error(`failed: ${reason}`);
}

/** Expects that connecting ends with a reason, and with that alone. */
function expectFailure(host: Host, name: string, port: number, expected: string, done: () => void): void {
  let hasReturned = false;
  host.connect({
    host: name,
    port,
    onReadable: () => fails("readable"),
    onWritable: () => fails("writable"),
    onError: (reason) => {
      check(hasReturned, "failed inside the call");
      equal(reason, expected, "reason");
      done();
    },
  });
  hasReturned = true;
}

export const socketCases: readonly HostCase[] = [
  {
    name: "a port where nobody listens is connect-refused",
    run: (host, done, { refused }) => expectFailure(host, address, refused, "connect-refused", done),
  },
  {
    name: "a name that cannot be resolved is dns-failed",
    run: (host, done, { echo }) => expectFailure(host, "no..such..name", echo, "dns-failed", done),
  },
  {
    name: "options that make no sense are refused at once",
    run: (host, done) => {
      const callbacks = { onReadable: noop, onWritable: noop, onError: noop };
      throws(() => host.connect({ host: "", port: 1, ...callbacks }), RangeError, "empty host");
      throws(() => host.connect({ host: address, port: 0, ...callbacks }), RangeError, "port 0");
      throws(() => host.connect({ host: address, port: 65_536, ...callbacks }), RangeError, "port 65536");
      throws(() => host.connect({ host: address, port: 1.5, ...callbacks }), RangeError, "port 1.5");
      done();
    },
  },
  {
    name: "bytes written come back in order, read in pieces as small as one likes",
    run: (host, done, { echo }) => {
      const sent = new Uint8Array(1_000).map((_, index) => index % 256);
      const received: number[] = [];
      const into = new Uint8Array(16);
      let socket: Socket | undefined;
      let hasWritten = false;
      socket = host.connect({
        host: address,
        port: echo,
        onWritable: (count) => {
          check(socket !== undefined, "writable inside the call");
          check(count >= 1_000, `writable: ${count}`);
          if (!hasWritten) socket?.write(sent, 0, sent.length);
          hasWritten = true;
        },
        onReadable: () => {
          for (let count = socket?.read(into, 3, 7) ?? 0; count > 0; count = socket?.read(into, 3, 7) ?? 0) {
            received.push(...into.subarray(3, 3 + count));
          }
          if (received.length < sent.length) return;
          equal(new Uint8Array(received), sent, "received");
          equal(into[2], 0, "byte before the offset");
          equal(into[10], 0, "byte after the length");
          socket?.close();
          done();
        },
        onError: fails,
      });
    },
  },
  {
    name: "write takes all or nothing, and before the connection nothing",
    run: (host, done, { echo }) => {
      let socket: Socket | undefined;
      let hasRun = false;
      socket = host.connect({
        host: address,
        port: echo,
        onWritable: (count) => {
          if (hasRun) return;
          hasRun = true;
          throws(() => socket?.write(new Uint8Array(count + 1), 0, count + 1), RangeError, "one byte too many");
          const rest = socket?.write(new Uint8Array(10), 0, 10);
          check(rest !== undefined && rest >= 0 && rest <= count, `still writable: ${rest} of ${count}`);
          socket?.close();
          done();
        },
        onReadable: noop,
        onError: fails,
      });
      throws(() => socket?.write(new Uint8Array(1), 0, 1), RangeError, "write before the connection");
    },
  },
  {
    name: "what was written is taken and becomes writable again",
    run: (host, done, { echo }) => {
      let socket: Socket | undefined;
      let initial = 0;
      const sink = new Uint8Array(65_536);
      socket = host.connect({
        host: address,
        port: echo,
        onWritable: (count) => {
          if (initial === 0) {
            initial = count;
            socket?.write(new Uint8Array(count), 0, count);
          } else if (count === initial) {
            socket?.close();
            done();
          }
        },
        onReadable: () => {
          socket?.read(sink, 0, sink.length);
        },
        onError: fails,
      });
    },
  },
  {
    name: "a megabyte goes there and back, written from every callback there is",
    run: (host, done, { echo }) => {
      const total = 1_000_000;
      const piece = new Uint8Array(5_000);
      const into = new Uint8Array(8_192);
      let sent = 0;
      let received = 0;
      let writable = 0;
      const write = (): void => {
        const length = Math.min(piece.length, writable, total - sent);
        for (let index = 0; index < length; index++) piece[index] = (sent + index) % 249;
        if (length > 0) writable = socket.write(piece, 0, length);
        sent += length;
      };
      const timer = host.clock.timer(() => {
        write();
        timer.start(0);
      });
      const socket = host.connect({
        host: address,
        port: echo,
        onWritable: (count) => {
          writable = count;
          write();
        },
        onReadable: () => {
          for (let count = socket.read(into, 0, 8_192); count > 0; count = socket.read(into, 0, 8_192)) {
            for (let index = 0; index < count; index++) check(into[index] === (received + index) % 249, "byte differs");
            received += count;
            write();
          }
          if (received < total) return;
          timer.stop();
          socket.close();
          done();
        },
        onError: fails,
      });
      timer.start(0);
    },
  },
  {
    name: "a peer that closes is connection-closed, after all it sent was read",
    run: (host, done, { bye }) => {
      let text = "";
      const into = new Uint8Array(1);
      let socket: Socket | undefined;
      const timer = host.clock.timer(() => {
        for (let count = socket?.read(into, 0, 1) ?? 0; count > 0; count = socket?.read(into, 0, 1) ?? 0) {
          text += host.text.decode(into, 0, 1);
        }
      });
      socket = host.connect({
        host: address,
        port: bye,
        onWritable: noop,
        onReadable: () => timer.start(40),
        onError: (reason) => {
          equal(text, "bye", "text");
          equal(reason, "connection-closed", "reason");
          done();
        },
      });
    },
  },
  {
    name: "a connection that the peer resets is connection-reset",
    run: (host, done, { reset }) => {
      let hasWritten = false;
      const socket = host.connect({
        host: address,
        port: reset,
        onWritable: () => {
          if (!hasWritten) socket.write(new Uint8Array(1), 0, 1);
          hasWritten = true;
        },
        onReadable: noop,
        onError: (reason) => {
          equal(reason, "connection-reset", "reason");
          done();
        },
      });
    },
  },
  {
    name: "a reader that takes its time gets every byte of a flood, in order",
    run: (host, done, { flood }) => {
      const into = new Uint8Array(4_096);
      let received = 0;
      let socket: Socket | undefined;
      const timer = host.clock.timer(() => {
        const count = socket?.read(into, 0, into.length) ?? 0;
        for (let index = 0; index < count; index++) {
          if (into[index] !== (received + index) % 251) throw new Error(`byte ${received + index} is ${into[index]}`);
        }
        received += count;
        if (count > 0) timer.start(0);
      });
      socket = host.connect({
        host: address,
        port: flood,
        onWritable: noop,
        onReadable: () => timer.start(0),
        onError: (reason) => {
          equal(reason, "connection-closed", "reason");
          equal(received, 300_000, "received");
          done();
        },
      });
    },
  },
  {
    name: "what is received and not read stays bounded, however much the peer sends",
    run: (host, done, { flood }) => {
      let unread = 0;
      const socket = host.connect({
        host: address,
        port: flood,
        onWritable: noop,
        onReadable: (count) => {
          unread = count;
        },
        onError: fails,
      });
      host.clock
        .timer(() => {
          check(unread > 0 && unread <= 140_000, `unread: ${unread}`);
          socket.close();
          done();
        })
        .start(500);
    },
  },
  {
    name: "after close nothing is called back, and closing again is harmless",
    run: (host, done, { echo }) => {
      let isClosed = false;
      const early = host.connect({
        host: address,
        port: echo,
        onWritable: () => fails("writable after close"),
        onReadable: () => fails("readable after close"),
        onError: () => fails("error after close"),
      });
      early.close();
      const late = host.connect({
        host: address,
        port: echo,
        onWritable: () => {
          check(!isClosed, "writable after close");
          late.write(new Uint8Array(10), 0, 10);
          late.close();
          late.close();
          isClosed = true;
        },
        onReadable: () => fails("readable after close"),
        onError: () => fails("error after close"),
      });
      host.clock.timer(done).start(150);
    },
  },
];
