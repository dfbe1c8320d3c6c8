// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: the rig, told what to do.

import { commands, instants, period, type Report, sample } from "./commands.js";
import { Rig } from "./rig.js";

const state: { rig: Rig; roundTrip: number; samples: number } = { rig: new Rig(0, {}), roundTrip: 0, samples: 0 };

const steps: readonly ((first: number, second: number) => void)[] = [
  (roundTrip, capacity) => {
    state.roundTrip = roundTrip;
    state.samples = 0;
    state.rig = new Rig(roundTrip, { capacity, whenFull: "drop-newest", maxAge: 30_000 });
  },
  () => state.rig.make(),
  () => {
    state.rig.device.start();
    state.rig.advance(60_000);
  },
  (count) => {
    for (let round = 0; round < count; round++) deliverBatch();
  },
  fill,
  (count, from) => {
    for (let index = from; index < from + count; index++) surprise(index);
  },
  () => {
    state.rig.device.telemetry.record("temperature", 21.5);
    state.rig.advance(60_000);
    state.rig.device.start();
    state.rig.advance(60_000);
  },
  () => undefined,
];

function deliverBatch(): void {
  const { rig } = state;
  for (let instant = 0; instant < instants; instant++) {
    rig.device.telemetry.record(sample(state.samples));
    state.samples += 1;
    rig.advance(period);
  }
  rig.advance(40_000);
}

/** Irregular numbers of full precision at irregular times: the dearest there are. */
function fill(): void {
  const { rig } = state;
  let value = 0.123456789;
  do {
    value = (value * 997.123) % 1_000;
    rig.advance(1_000 + Math.floor(value * 9));
  } while (rig.device.telemetry.record("temperature", value));
}

/** Names that the server chose, in every place where it can choose one. */
function surprise(index: number): void {
  const { rig } = state;
  const name = `fresh${index}`;
  rig.peer.publish("v2/a", `{"${name}":${index},"deep${index}":{"inner${index}":[true,"${name}"]}}`);
  rig.peer.publish("v2/a", `{"deleted":["${name}"]}`);
  rig.peer.publish(`v2/r/req/${index}`, `{"method":"${name}","params":{"param${index}":1}}`);
  rig.peer.publish(`v2/r/req/${index}`, `{"method":"getVitals","params":{"param${index}":1}}`);
  rig.peer.publish(`topic${index}`, `{"${name}":1}`);
  rig.advance(10_000);
}

function report(): Report {
  const { rig, roundTrip } = state;
  const { recorded, delivered, dropped, depth } = rig.device.telemetry;
  const { publishes, publishBytes, firstAcknowledgedAt } = rig.peer.traffic;
  const roundTrips = (firstAcknowledgedAt - rig.peer.openedAt) / roundTrip;
  return { recorded, delivered, dropped, depth, publishes, publishBytes, roundTrips, isLive: rig.isLive };
}

Object.assign(globalThis, {
  handleCommand: (command: ArrayBuffer): ArrayBuffer => {
    const view = new DataView(command);
    const number = view.getUint32(0);
    steps[number]?.(view.getUint32(4), view.getUint32(8));
    const isReady = number !== commands.prepare;
    return new TextEncoder().encode(isReady ? JSON.stringify(report()) : "{}").buffer as ArrayBuffer;
  },
});
