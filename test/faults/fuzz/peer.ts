// SPDX-License-Identifier: Apache-2.0

import type { Socket, SocketFactory, SocketOptions } from "../../../modules/core/ports.js";

const transmitRoom = 65_536;

/** One connection, whose server reads and keeps as little as it can: a hundred thousand packets go through it. */
class PeerSocket implements Socket {
  readonly options: SocketOptions;
  isClosed = false;
  readonly sent = new Uint8Array(transmitRoom);
  sentLength = 0;
  #received = new Uint8Array(0);
  #unread = 0;

  constructor(options: SocketOptions) {
    this.options = options;
  }

  get unread(): number {
    return this.#unread;
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.#unread);
    const start = this.#received.length - this.#unread;
    into.set(this.#received.subarray(start, start + count), offset);
    this.#unread -= count;
    return count;
  }

  write(from: Uint8Array, offset: number, length: number): number {
    if (length > transmitRoom - this.sentLength) throw new RangeError("write: over the writable count");
    this.sent.set(from.subarray(offset, offset + length), this.sentLength);
    this.sentLength += length;
    return transmitRoom - this.sentLength;
  }

  close(): void {
    this.isClosed = true;
  }

  receive(bytes: Uint8Array): void {
    const rest = this.#received.subarray(this.#received.length - this.#unread);
    const received = new Uint8Array(rest.length + bytes.length);
    received.set(rest);
    received.set(bytes, rest.length);
    this.#received = received;
    this.#unread = received.length;
    this.options.onReadable(this.#unread);
  }
}

/** What the device published, besides what the session needs. */
export type PublishedListener = (topic: string, payload: Uint8Array) => void;

const decoder = new TextDecoder();

/** The server's end of every connection: it welcomes the device and acknowledges what it says. */
export class FuzzPeer {
  readonly #onPublished: PublishedListener;
  #socket: PeerSocket | undefined;
  connections = 0;

  constructor(onPublished: PublishedListener) {
    this.#onPublished = onPublished;
  }

  readonly connect: SocketFactory = (options) => {
    this.#socket = new PeerSocket(options);
    this.connections += 1;
    return this.#socket;
  };

  get isConnected(): boolean {
    return this.#socket !== undefined && !this.#socket.isClosed;
  }

  /** The connection stands. */
  accept(): void {
    this.#socket?.options.onWritable(transmitRoom);
    this.pump();
  }

  /** Bytes reach the device, in two pieces where `cut` is within. */
  send(bytes: Uint8Array, cut = 0): void {
    const socket = this.#socket;
    if (socket === undefined || socket.isClosed) return;
    if (cut > 0 && cut < bytes.length) socket.receive(bytes.subarray(0, cut));
    if (!socket.isClosed) socket.receive(cut > 0 && cut < bytes.length ? bytes.subarray(cut) : bytes);
    this.pump();
  }

  hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined && !socket.isClosed) socket.options.onError("connection-closed");
  }

  /** Reads what the device sent and answers it. */
  pump(): void {
    for (
      let socket = this.#socket;
      socket !== undefined && !socket.isClosed && socket.sentLength > 0;
      socket = this.#socket
    ) {
      const sent = socket.sent.slice(0, socket.sentLength);
      socket.sentLength = 0;
      socket.options.onWritable(transmitRoom);
      for (let at = 0; at < sent.length; ) at = this.#answer(socket, sent, at);
    }
  }

  /** Returns where the next packet begins. What the device sends is sound, and whole. */
  #answer(socket: PeerSocket, sent: Uint8Array, start: number): number {
    let length = 0;
    let at = start + 1;
    for (let shift = 0; ; shift += 7) {
      const byte = sent[at] as number;
      at += 1;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    const head = sent[start] as number;
    const end = at + length;
    const kind = head >> 4;
    if (kind === 1) reply(socket, [0x20, 2, 0, 0]);
    else if (kind === 8) reply(socket, [0x90, 3, sent[at] as number, sent[at + 1] as number, 1]);
    else if (kind === 12) reply(socket, [0xd0, 0]);
    else if (kind === 3) {
      const topicEnd = at + 2 + ((sent[at] as number) << 8) + (sent[at + 1] as number);
      const isAcknowledged = (head & 6) !== 0;
      this.#onPublished(
        decoder.decode(sent.subarray(at + 2, topicEnd)),
        sent.subarray(topicEnd + (isAcknowledged ? 2 : 0), end),
      );
      if (isAcknowledged) reply(socket, [0x40, 2, sent[topicEnd] as number, sent[topicEnd + 1] as number]);
    }
    return end;
  }
}

function reply(socket: PeerSocket, bytes: readonly number[]): void {
  if (!socket.isClosed) socket.receive(Uint8Array.from(bytes));
}
