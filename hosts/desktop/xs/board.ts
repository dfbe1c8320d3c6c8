// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../../modules/core/errors.js";
import type { Host, Milliseconds, SocketFactory, SocketOptions, TlsOptions } from "../../../modules/core/ports.js";
import { checkTlsOptions } from "../../node/tls-options.js";
import { writeTls } from "../tls-fields.js";
import { effects, events, requests, WireReader, WireWriter } from "../wire.js";
import { applicationSlot } from "./application-slot.js";
import { XsBootLoader } from "./boot-loader.js";
import { XsClock } from "./clock.js";
import { XsFlash } from "./flash.js";
import { createRandom } from "./random.js";
import { verifySignature } from "./signature.js";
import { XsSocket } from "./socket.js";
import { ask, XsStorage } from "./storage.js";
import { text } from "./text.js";
import { XsWifi } from "./wifi.js";

interface TimeRequest {
  readonly onTime: (epoch: Milliseconds) => void;
  readonly onError: (reason: Reason) => void;
}

/** The machine's side of the board: takes deliveries, calls the firmware, and gives back what it did. */
export class Board {
  readonly #outbox = new WireWriter();
  readonly #clock = new XsClock();
  readonly #wifi = new XsWifi(this.#outbox);
  readonly #sockets = new Map<number, XsSocket>();
  readonly #timeRequests: TimeRequest[] = [];
  #nextHandle = 1;
  #announcedDue: Milliseconds | undefined;
  #settings: unknown;
  #host: Host | undefined;

  get host(): Host {
    if (this.#host === undefined) throw new RangeError("the board has not booted");
    return this.#host;
  }

  /** The configuration as it came from the command line. */
  get settings(): unknown {
    return this.#settings;
  }

  /** The one door through which the firmware is called. An exception that escapes is the board's panic. */
  handle(delivery: ArrayBuffer, main: () => void): ArrayBuffer {
    try {
      this.#dispatch(new WireReader(new Uint8Array(delivery)), main);
    } catch (error) {
      this.#outbox.byte(effects.panic).text(describe(error));
    }
    this.#announceWake();
    return this.#outbox.take().buffer;
  }

  #dispatch(event: WireReader, main: () => void): void {
    const kind = event.byte();
    this.#clock.now = event.number();
    switch (kind) {
      case events.boot:
        this.#boot(event);
        main();
        break;
      case events.wake:
        this.#announcedDue = undefined;
        this.#clock.run();
        break;
      case events.wifi:
        this.#wifi.change(event);
        break;
      case events.time:
        this.#timeRequests.shift()?.onTime(event.number());
        break;
      case events.timeError:
        this.#timeRequests.shift()?.onError(event.text() as Reason);
        break;
      default:
        this.#dispatchToSocket(kind, this.#sockets.get(event.integer()), event);
    }
  }

  #dispatchToSocket(kind: number, socket: XsSocket | undefined, event: WireReader): void {
    if (kind === events.readable) socket?.receive(event.bytes());
    else if (kind === events.writable) socket?.becomeWritable(event.integer());
    else if (kind === events.socketError) socket?.failWith(event.text() as Reason);
    else throw new RangeError(`event ${kind} is unknown`);
  }

  #boot(event: WireReader): void {
    this.#settings = JSON.parse(event.text());
    const outbox = this.#outbox;
    this.#host = {
      clock: this.#clock,
      time: {
        request: (onTime, onError) => {
          this.#timeRequests.push({ onTime, onError });
          outbox.byte(effects.requestTime);
        },
      },
      text,
      connect: (options) => this.#connect(options, undefined),
      secure: (tls) => this.#secure(tls),
      wifi: this.#wifi,
      storage: new XsStorage(),
      openFlash: (path) => new XsFlash(path),
      bootLoader: new XsBootLoader(),
      applicationSlot,
      verifySignature,
      system: {
        identity: event.text(),
        resetReason: event.text(),
        description: event.text(),
        measure,
        indicate: (on) => outbox.byte(effects.indicate).byte(on ? 1 : 0),
        restart: (reason) => outbox.byte(effects.restart).text(reason),
      },
      blackBox: {
        error: event.text(),
        trail: event.text(),
        write: (trail) => outbox.byte(effects.trail).text(trail),
      },
      log: {
        write: (level, name, detail, reason) =>
          outbox
            .byte(effects.log)
            .text(level)
            .text(name)
            .text(detail)
            .text(reason ?? ""),
      },
      random: createRandom(event.integer(), event.integer(), event.integer(), event.integer()),
    };
  }

  /** The copy is what was checked, whatever becomes of the caller's object. */
  #secure(options: TlsOptions): SocketFactory {
    checkTlsOptions(options);
    const tls = { ...options };
    ask(writeTls(new WireWriter().byte(requests.checkTls), tls));
    return (socketOptions) => this.#connect(socketOptions, tls);
  }

  #connect(options: SocketOptions, tls: TlsOptions | undefined): XsSocket {
    if (typeof options.host !== "string") throw new TypeError("host: not a string");
    if (options.host.length === 0) throw new RangeError("host: empty");
    if (!Number.isInteger(options.port) || options.port < 1 || options.port > 65_535)
      throw new RangeError("port: not an integer from 1 to 65535");
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    const onClose = (closed: number): void => void this.#sockets.delete(closed);
    const socket = new XsSocket(handle, options, tls, this.#outbox, this.#clock, onClose);
    this.#sockets.set(handle, socket);
    return socket;
  }

  /** Tells the board when to wake the machine, where that changed. */
  #announceWake(): void {
    const due = this.#clock.nextDue;
    if (due === this.#announcedDue) return;
    this.#announcedDue = due;
    this.#outbox.byte(effects.wake).optional(due === undefined ? undefined : Math.max(0, due - this.#clock.now));
  }
}

function measure(report: (key: string, value: number) => void): void {
  const answer = ask(new WireWriter().byte(requests.measure));
  answer.byte();
  while (!answer.isAtEnd) report(answer.text(), answer.number());
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.stack ?? error}` : String(error);
}
