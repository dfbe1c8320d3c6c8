// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import type { AccessPoint, LogLevel, Socket, SocketFactory } from "../../modules/core/ports.js";
import type { Machine } from "../node/machine.js";
import type { Bundle } from "./bundle.js";
import { type Engine, MachineError } from "./engine.js";
import { readTls } from "./tls-fields.js";
import type { XsVitals } from "./vitals.js";
import { effects, events, receiveWindow, WireReader, WireWriter } from "./wire.js";

/** Writes the fields of one event; undefined when there is nothing left to say. */
type Event = (writer: WireWriter) => void;

interface Connection {
  readonly socket: Socket;
  /** Received bytes that the machine still has room for. */
  credit: number;
  /** Received bytes that wait in the socket. */
  unread: number;
}

/**
 * Runs the firmware inside the XS machine on the ports of a Node machine: every callback becomes a delivery, and what the
 * firmware did comes back as its result. One delivery at a time, in order.
 */
export class Bridge {
  readonly #machine: Machine;
  readonly #engine: Engine;
  readonly #vitals: XsVitals;
  readonly #writer = new WireWriter();
  readonly #queue: Event[] = [];
  readonly #connections = new Map<number, Connection>();
  readonly #wake: { start(delay: number): void; stop(): void };
  readonly #handlers: ReadonlyMap<number, (reader: WireReader) => void>;
  readonly #scratch = new Uint8Array(receiveWindow);
  #bundle: Bundle | undefined;
  #isDelivering = false;

  constructor(machine: Machine, engine: Engine, vitals: XsVitals) {
    this.#machine = machine;
    this.#engine = engine;
    this.#vitals = vitals;
    this.#handlers = this.#createHandlers();
    this.#wake = machine.clock.timer(() => this.#post((writer) => begin(writer, events.wake)));
    machine.wifi.onChanged = (reason) => this.#post((writer) => this.#writeWifi(writer, reason));
  }

  /** Loads the bundle and boots the firmware with its settings. A failure is a panic of the machine. */
  async start(bundle: Bundle, settings: object): Promise<void> {
    this.#bundle = bundle;
    try {
      await this.#engine.evaluate(bundle.script);
    } catch (error) {
      this.#machine.guard.panic(error);
      return;
    }
    const { system, blackBox, random } = this.#machine;
    this.#post((writer) => {
      begin(writer, events.boot);
      writer.text(JSON.stringify(settings)).text(system.identity).text(system.resetReason).text(system.description);
      writer.text(blackBox.error).text(blackBox.trail);
      for (let word = 0; word < 4; word++) writer.integer(random());
    });
  }

  #post(event: Event): void {
    this.#queue.push(event);
    if (!this.#isDelivering) void this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    this.#isDelivering = true;
    try {
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
        event(this.#writer);
        if (this.#writer.isEmpty) continue;
        const { result } = await this.#engine.deliver(this.#writer.take());
        this.#machine.guard.enter(() => this.#apply(new WireReader(result)));
        await this.#vitals.refresh();
      }
    } catch (error) {
      // An engine that ended reports that itself.
      if (error instanceof MachineError) this.#machine.guard.panic(error);
    } finally {
      this.#isDelivering = false;
    }
  }

  #apply(reader: WireReader): void {
    while (!reader.isAtEnd) this.#applyOne(reader.byte(), reader);
  }

  #applyOne(effect: number, reader: WireReader): void {
    const handler = this.#handlers.get(effect);
    if (handler === undefined) throw new RangeError(`effect ${effect} is unknown`);
    handler(reader);
  }

  #createHandlers(): ReadonlyMap<number, (reader: WireReader) => void> {
    const { connect, secure, wifi, log, system, blackBox, guard } = this.#machine;
    return new Map<number, (reader: WireReader) => void>([
      [effects.wake, (reader) => this.#applyWake(reader.optional())],
      [effects.open, (reader) => this.#open(reader, connect)],
      [effects.openSecure, (reader) => this.#open(reader, secure(readTls(reader)))],
      [effects.write, (reader) => this.#write(reader.integer(), reader.bytes())],
      [effects.close, (reader) => this.#close(reader.integer())],
      [effects.consumed, (reader) => this.#consumed(reader.integer(), reader.integer())],
      [
        effects.log,
        (reader) => log.write(reader.text() as LogLevel, reader.text(), reader.text(), optionalReason(reader.text())),
      ],
      [effects.wifiConnect, (reader) => wifi.connect(accessPoint(reader.text(), reader.text()))],
      [effects.wifiDisconnect, () => wifi.disconnect()],
      [effects.requestTime, () => this.#requestTime()],
      [effects.indicate, (reader) => system.indicate(reader.byte() === 1)],
      [effects.restart, (reader) => system.restart(reader.text())],
      [effects.trail, (reader) => blackBox.write(reader.text())],
      [effects.panic, (reader) => guard.panic(this.#bundle?.explain(reader.text()))],
    ]);
  }

  #write(handle: number, bytes: Uint8Array): void {
    this.#connections.get(handle)?.socket.write(bytes, 0, bytes.length);
  }

  #requestTime(): void {
    this.#machine.time.request(
      (epoch) => this.#post((writer) => begin(writer, events.time).number(epoch)),
      (reason) => this.#post((writer) => begin(writer, events.timeError).text(reason)),
    );
  }

  #applyWake(delay: number | undefined): void {
    if (delay === undefined) this.#wake.stop();
    else this.#wake.start(delay);
  }

  #open(reader: WireReader, connect: SocketFactory): void {
    const handle = reader.integer();
    const port = reader.integer();
    const socket = connect({
      host: reader.text(),
      port,
      onReadable: (count) => {
        const connection = this.#connections.get(handle);
        if (connection) connection.unread = count;
        this.#post((writer) => this.#writeReadable(writer, handle));
      },
      onWritable: () => this.#post((writer) => this.#writeWritable(writer, handle)),
      onError: (reason) => this.#post((writer) => this.#writeError(writer, handle, reason)),
    });
    this.#connections.set(handle, { socket, credit: receiveWindow, unread: 0 });
  }

  #close(handle: number): void {
    this.#connections.get(handle)?.socket.close();
    this.#connections.delete(handle);
  }

  #consumed(handle: number, count: number): void {
    const connection = this.#connections.get(handle);
    if (connection === undefined) return;
    connection.credit += count;
    if (connection.unread > 0) this.#post((writer) => this.#writeReadable(writer, handle));
  }

  #writeReadable(writer: WireWriter, handle: number): void {
    const connection = this.#connections.get(handle);
    if (connection === undefined || connection.credit === 0 || connection.unread === 0) return;
    const count = connection.socket.read(this.#scratch, 0, connection.credit);
    connection.credit -= count;
    connection.unread -= count;
    begin(writer, events.readable).integer(handle).bytes(this.#scratch.subarray(0, count));
  }

  /** The count is asked for now, because what was written since the callback is not in it. */
  #writeWritable(writer: WireWriter, handle: number): void {
    const count = this.#connections.get(handle)?.socket.write(this.#scratch, 0, 0);
    if (count) begin(writer, events.writable).integer(handle).integer(count);
  }

  #writeError(writer: WireWriter, handle: number, reason: Reason): void {
    if (this.#connections.has(handle)) begin(writer, events.socketError).integer(handle).text(reason);
  }

  #writeWifi(writer: WireWriter, reason: Reason | undefined): void {
    const { connection, RSSI, address } = this.#machine.wifi;
    begin(writer, events.wifi)
      .integer(connection)
      .optional(RSSI)
      .text(address ?? "")
      .text(reason ?? "");
  }
}

function begin(writer: WireWriter, kind: number): WireWriter {
  return writer.byte(kind).number(performance.now());
}

function optionalReason(text: string): Reason | undefined {
  return text === "" ? undefined : (text as Reason);
}

function accessPoint(SSID: string, password: string): AccessPoint {
  return password === "" ? { SSID } : { SSID, password };
}
