// SPDX-License-Identifier: Apache-2.0

import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { DeviceError } from "../../../modules/core/errors.js";
import type { GatewayConfig } from "../../../modules/device/config-gateway.js";
import { completeGateway } from "../../../modules/device/config-gateway.js";
import { createGateway, DeviceGateway } from "../../../modules/device/device-gateway.js";
import type { Gateway } from "../../../modules/gateway/gateway.js";
import type { Telemetry } from "../../../modules/telemetry/telemetry.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

export interface Sent {
  readonly topic: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON.
  readonly message: any;
}

/** As `config.telemetry.maxAge` is by default, and what is added to it. */
export const farewell = 2_000;

/** A gateway on a session that is closed, with a telemetry that only counts. */
export function setUpGateway(config: GatewayConfig = {}) {
  // The ticks wrap soon.
  const clock = new FakeClock(2 ** 31 - 60_000);
  const link = new FakeLink();
  const log = new FakeLog();
  const dialect = new ThingsBoard(text);
  let random = 0;
  const storage = { read: () => undefined, write: () => undefined, delete: () => false };
  const parts = { clock, random: () => random, text, storage, log, link, dialect };
  const core = createGateway(parts, completeGateway({ maxChildren: 250, ...config }), 1_000) as Gateway;
  const flushes: number[] = [];
  const telemetry = { source: (name: string) => ({ name }), flush: () => flushes.push(clock.now) };
  const gateway = new DeviceGateway(parts, core, telemetry as unknown as Telemetry);
  const sent = (): Sent[] =>
    link.published.splice(0).map(({ topic, payload, QoS, isDuplicate, devices }) => {
      if (QoS !== 1 || isDuplicate || devices < 1) throw new Error(`${topic}: QoS ${QoS}, of ${devices} devices`);
      return { topic, message: JSON.parse(payload) };
    });
  /** Acknowledges everything until nothing more comes; returns what came. */
  const settle = (): Sent[] => {
    const all = sent();
    let isSilent = false;
    for (let round = 0; round < 1_000; round += 1) {
      clock.advance(0);
      link.acknowledge();
      const more = sent();
      all.push(...more);
      // An acknowledgement may have started a timer.
      const wasSilent = isSilent;
      isSilent = more.length === 0 && link.unacknowledged === 0;
      if (isSilent && wasSilent) return all;
    }
    throw new Error("never silent");
  };
  const deliver = (topic: string, message: unknown): number => link.deliver(topic, JSON.stringify(message));
  return {
    ...{ clock, link, log, core, gateway, flushes, sent, settle, deliver },
    setRandom: (value: number) => {
      random = value;
    },
  };
}

export type Room = ReturnType<typeof setUpGateway>;

/** Children that the server knows, in an open session. */
export function setUpChildren(names: readonly string[], config: GatewayConfig = {}) {
  const room = setUpGateway(config);
  const children = names.map((name) => room.gateway.child(name));
  room.link.open();
  room.settle();
  return { ...room, children };
}

/** The reason of the `DeviceError` that a step throws. */
export function reasonOf(step: () => unknown): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    return error instanceof DeviceError ? error.reason : String(error);
  }
}

export function onTopic(sent: readonly Sent[], topic: string): unknown[] {
  return sent.filter((each) => each.topic === topic).map(({ message }) => message);
}
