// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../../../modules/cloud/json.js";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import type { Host } from "../../../modules/core/ports.js";
import { SharedClock } from "../../../modules/core/shared-clock.js";
import type { Application } from "../../../modules/device/application.js";
import { completeConfig } from "../../../modules/device/config.js";
import type { Device } from "../../../modules/device/device.js";
import { DeviceAttributes } from "../../../modules/device/device-attributes.js";
import { DeviceOta } from "../../../modules/device/device-ota.js";
import { DeviceRpc } from "../../../modules/device/device-rpc.js";
import { FakeBoard } from "../../fakes/board.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";

const config = completeConfig(
  {
    ...{ server: { host: "server.test" }, credentials: { token: "T" }, wifi: [{ SSID: "home" }] },
    firmware: { title: "f", version: "1" },
    software: { title: "s", version: "1" },
  },
  text,
);

/** Updates of both kinds as a device has them, over all its boots; what the device has besides is missing or fake. */
export class UpdatedDevice {
  readonly board = new FakeBoard();
  readonly network = new FakeNetwork();
  readonly log = new FakeLog();
  /** What the device has told: "<key> <value>". */
  readonly told: string[] = [];
  readonly restarts: string[] = [];
  /** What the server offers. */
  attributes: Record<string, Json> = {};
  /** What telemetry does with what it is given. */
  record: (values: Readonly<Record<string, unknown>>) => void = (values) => {
    for (const [key, value] of Object.entries(values)) this.told.push(`${key} ${value}`);
  };
  clock = new FakeClock();
  link = new FakeLink();
  ota!: DeviceOta;

  /** False where the device restarts at once. */
  boot(own: Application = () => undefined, isSafeMode = false): boolean {
    const { board, network, log } = this;
    const { bootLoader, applicationSlot, openFlash, storage, resetReason } = board;
    this.clock = new FakeClock();
    this.link = new FakeLink();
    const { link } = this;
    const clock = new SharedClock(this.clock);
    const random = (): number => 0x1234_5678;
    const host = {
      ...{ clock, text, log, random, storage, openFlash, bootLoader, applicationSlot, connect: network.connect },
      secure: () => network.connect,
      system: { restart: (reason: string) => this.restarts.push(reason) },
    } as unknown as Host;
    const parts = { clock, random, text, storage, log, link, dialect: new ThingsBoard(text) };
    this.ota = new DeviceOta({
      ...{ host, parts, config, attributes: new DeviceAttributes(parts), rpc: new DeviceRpc(parts) },
      telemetry: {
        record: (key: string | object, value: unknown) =>
          this.record(typeof key === "string" ? { [key]: value } : { ...key }),
      } as never,
      health: { lastReset: { reason: resetReason, error: undefined }, measure: () => undefined } as never,
      wallClock: { epoch: () => undefined, uptime: () => 0 } as never,
      restart: (reason) => this.restarts.push(reason),
    });
    this.ota.setNetwork(true);
    if (!this.ota.boot(isSafeMode)) return false;
    if (!isSafeMode) this.ota.run(own, {} as Device);
    return true;
  }

  reset(reason = "software", own?: Application): boolean {
    this.link.close();
    this.board.reset(reason);
    return this.boot(own);
  }

  connect(): void {
    this.link.open();
    this.link.live();
    this.answer();
  }

  /** Answers every question for attributes. */
  answer(): void {
    for (const { topic } of this.link.published.splice(0).filter(({ topic }) => topic.startsWith("v2/a/req/")))
      this.link.deliver(`v2/a/res/${topic.split("/").pop()}`, JSON.stringify({ shared: this.attributes }));
    this.link.acknowledge();
  }

  /** The server tells of a change, and answers the question that follows. */
  offer(attributes: Record<string, Json>): void {
    this.attributes = attributes;
    this.link.deliver("v2/a", JSON.stringify(attributes));
    this.clock.advance(200);
    this.answer();
  }
}
