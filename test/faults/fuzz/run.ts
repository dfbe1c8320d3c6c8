// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../../modules/core/errors.js";
import type { Host } from "../../../modules/core/ports.js";
import { Device } from "../../../modules/device/device.js";
import { FakeClock } from "../../fakes/clock.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";
import { attributeResponse, callResponse, encode } from "./corpus.js";
import { Dice } from "./dice.js";
import { nextPacket, publish } from "./mutate.js";
import { FuzzPeer } from "./peer.js";

const seed = 0x5eed_4b1d;

/** Longer than the longest pause between two attempts to connect. */
const patience = 3_600_000;

const attributeTopic = "v2/a/req/";
const callTopic = "v1/devices/me/rpc/request/";
const noLimits = encode('{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":{}}');

const config = {
  server: { host: "server.test" },
  credentials: { token: "fuzz-token" },
  wifi: [{ SSID: "home" }],
  // Documents of 1,000 members are to be read, not dropped for their size.
  session: { receiveBuffer: 24_576 },
  health: { period: 60_000, logLevel: "debug", logRate: 600 },
};

/** A promise that is kept when the run says so. */
class Soon {
  #resolve: ((value: unknown) => void) | undefined;

  // biome-ignore lint/suspicious/noThenProperty: that is what it is for.
  then(resolve: (value: unknown) => void): void {
    this.#resolve = resolve;
  }

  settle(value: unknown): void {
    this.#resolve?.(value);
  }
}

export interface FuzzReport {
  readonly packets: number;
  readonly connections: number;
  /** Requests that reached a handler, and attribute updates that did. */
  readonly calls: number;
  readonly updates: number;
  /** Answers to the device's own calls and requests that reached their callbacks. */
  readonly answers: number;
  /** What escaped, with the number of the packet that brought it out. */
  readonly escaped: readonly string[];
}

/** A device with an application, and a server that sends it mutated packets; everything follows from one seed. */
export class FuzzRun {
  readonly #dice = new Dice(seed);
  readonly #clock = new FakeClock(0x7ff0_0000);
  readonly #peer: FuzzPeer;
  readonly #device: Device;
  readonly #published = new Map<string, string>();
  readonly #newest = new Map<string, number>();
  readonly #soon: Soon[] = [];
  readonly #escaped: string[] = [];
  #isWatching = false;
  #packets = 0;
  #calls = 0;
  #updates = 0;
  #answers = 0;
  #level = 0;

  constructor() {
    this.#peer = new FuzzPeer((topic, payload) => this.#answer(topic, payload));
    const wifi = new FakeWiFi();
    this.#device = new Device(this.#host(wifi), config);
    this.#addApplication();
    this.#device.start();
    wifi.becomeAddressed();
  }

  get report(): FuzzReport {
    return {
      ...{ packets: this.#packets, connections: this.#peer.connections, calls: this.#calls, updates: this.#updates },
      ...{ answers: this.#answers, escaped: this.#escaped },
    };
  }

  /** Sends so many more packets. */
  send(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#packets += 1;
      try {
        this.#step();
      } catch (error) {
        this.#escape(error);
      }
    }
  }

  /** What a sound server gets of the device in a new session: undefined when all is well, else what is wrong. */
  aftermath(): string | undefined {
    this.#isWatching = true;
    this.#peer.hangUp();
    this.#connect();
    this.#pass(60_000);
    this.#peer.send(
      publish(encode("v2/r/req/99999"), encode('{"method":"set","params":{"level":41,"name":"sane"}}'), 9),
    );
    const reply = this.#published.get("v2/r/res/99999");
    if (reply !== '{"level":41,"name":"sane"}') return `the reply is ${reply}`;
    this.#peer.send(publish(encode("v2/a"), encode('{"level":42}'), 10));
    if (this.#level !== 42) return `the attribute is ${this.#level}`;
    this.#device.telemetry.record("temperature", 43);
    this.#pass(60_000);
    if (this.#device.telemetry.depth !== 0) return `${this.#device.telemetry.depth} data are left`;
    if ("polluted" in {}) return "the prototype of all objects has a new member";
    return undefined;
  }

  /** Mostly the device learns that there are no limits, lest all that follows be about one that may hardly say anything. */
  #answer(topic: string, payload: Uint8Array): void {
    if (this.#isWatching) this.#published.set(topic, text.decode(payload, 0, payload.length));
    if (topic.startsWith(attributeTopic))
      this.#newest.set(attributeResponse, Number(topic.slice(attributeTopic.length)));
    if (!topic.startsWith(callTopic)) return;
    const id = topic.slice(callTopic.length);
    this.#newest.set(callResponse, Number(id));
    if (this.#isWatching || this.#dice.oneIn(2)) this.#peer.send(publish(encode(callResponse + id), noLimits, 0));
  }

  /** The session catches what its features throw. They should not, whatever the server says. */
  #onLine(event: string, detail: string, reason: string | undefined): void {
    if (event === "session.failure" && reason === "handler-failed") this.#escape(detail);
  }

  #escape(error: unknown): void {
    if (this.#escaped.length < 10) this.#escaped.push(`packet ${this.#packets}: ${String(error)}`);
  }

  #step(): void {
    const dice = this.#dice;
    if (!this.#peer.isConnected) this.#connect();
    if (dice.oneIn(16)) this.#act();
    const packet = nextPacket(dice, this.#newest);
    this.#peer.send(packet, dice.oneIn(4) ? dice.below(packet.length + 1) : 0);
    if (dice.oneIn(8)) this.#pass(dice.below(3_000));
    if (dice.oneIn(2_000)) this.#peer.hangUp();
  }

  /** By the second, because the server answers between times. */
  #pass(span: number): void {
    for (let left = span; left >= 0; left -= 1_000) {
      this.#clock.advance(Math.min(left, 1_000));
      this.#peer.pump();
    }
  }

  #connect(): void {
    const { connections } = this.#peer;
    for (let waited = 0; this.#peer.connections === connections; waited += 1_000) {
      if (waited > patience) throw new Error("the device does not come back");
      this.#clock.advance(1_000);
    }
    this.#peer.accept();
    this.#pass(0);
  }

  /** What an application does meanwhile. */
  #act(): void {
    const { telemetry, attributes, rpc } = this.#device;
    const onAnswer = (): void => {
      this.#answers += 1;
    };
    telemetry.record("temperature", this.#dice.below(100));
    attributes.publish({ door: this.#dice.below(3) });
    if (this.#dice.oneIn(2)) rpc.call("getTime", {}, { timeout: 5_000 }, onAnswer);
    else attributes.request({ shared: ["label"] }, { timeout: 5_000 }, onAnswer);
    this.#soon.shift()?.settle("kept");
  }

  #addApplication(): void {
    const { rpc, attributes } = this.#device;
    const counted =
      <Params>(handler: (params: Params) => unknown) =>
      (params: Params): unknown => {
        this.#calls += 1;
        return handler(params);
      };
    rpc.handle(
      "set",
      { level: "integer", name: "string?", on: "boolean?" },
      counted((params) => ({ ...params })),
    );
    rpc.handle(
      "echo",
      "json?",
      counted((params) => params),
    );
    rpc.handle(
      "fail",
      {},
      counted(() => {
        throw new Error("no");
      }),
    );
    rpc.handle(
      "later",
      {},
      counted(() => new Soon()),
      { deadline: 30_000 },
    );
    rpc.handle(
      "soon",
      "json?",
      counted(() => {
        const soon = new Soon();
        this.#soon.push(soon);
        if (this.#soon.length > 8) this.#soon.shift();
        return soon;
      }),
    );
    rpc.handle(
      "inherited",
      { constructor: "json?" },
      counted((params) => params.constructor ?? null),
    );
    for (const name of ["period", "label", "constructor", "__proto__"])
      attributes.onShared(name, () => {
        this.#updates += 1;
      });
    attributes.onShared("level", (value) => {
      this.#level = Number(value);
      if (value === null) throw new Error("no");
    });
  }

  #host(wifi: FakeWiFi): Host {
    return {
      ...{ clock: this.#clock, text, wifi, connect: this.#peer.connect, secure: () => this.#peer.connect },
      random: () => this.#dice.word(),
      time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
      storage: { read: () => undefined, write: () => undefined, delete: () => false },
      openFlash: () => {
        throw new DeviceError("storage-failed");
      },
      system: {
        ...{ identity: "0123456789ab", resetReason: "power-on", description: "fuzz" },
        measure: () => undefined,
        indicate: () => undefined,
        restart: () => undefined,
      },
      blackBox: { error: "", trail: "", write: () => undefined },
      log: { write: (_level, event, detail, reason) => this.#onLine(event, detail, reason) },
    };
  }
}
