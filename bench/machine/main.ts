// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: the rig, told what to do.

import { commands, instants, period, type Report, roundTrip, sample } from "./commands.js";
import { CountingFlash } from "./flash.js";
import { Rig } from "./rig.js";

/** Longer than it takes to connect again, however long the server was away. */
const patience = 600_000;

interface State {
  rig: Rig;
  flash: CountingFlash | undefined;
  telemetry: object;
  samples: number;
}

const state: State = { rig: new Rig(0, {}, undefined), flash: undefined, telemetry: {}, samples: 0 };

const steps: Readonly<Record<number, (first: number, second: number) => void>> = {
  [commands.prepare]: (capacity, storeAfter) => {
    prepare({ capacity, storeAfter, maxAge: 30_000 }, new CountingFlash());
  },
  [commands.prepareWithoutFlash]: (capacity) => prepare({ capacity, whenFull: "drop-newest" }, undefined),
  [commands.prepareAgain]: () => prepare(state.telemetry, state.flash),
  [commands.make]: () => state.rig.make(),
  [commands.start]: () => {
    state.rig.device.start();
    state.rig.advance(60_000);
  },
  [commands.rounds]: (count) => {
    for (let round = 0; round < count; round++) deliverBatch();
  },
  [commands.fill]: fill,
  [commands.messages]: (count, from) => {
    for (let index = from; index < from + count; index++) surprise(index);
  },
  [commands.connect]: () => {
    state.rig.device.telemetry.record("temperature", 21.5);
    state.rig.advance(60_000);
    state.rig.device.start();
    state.rig.advance(60_000);
  },
  [commands.leave]: () => {
    state.rig.peer.isAway = true;
    state.rig.advance(60_000);
  },
  [commands.comeBack]: () => {
    const { rig } = state;
    rig.peer.isAway = false;
    for (let waited = 0; rig.device.telemetry.depth > 0 && waited < patience; waited += period) rig.advance(period);
  },
  [commands.record]: (count) => {
    recordInstants(count);
    state.rig.advance(60_000);
  },
  [commands.recordSingly]: (count, pause) => {
    const { rig } = state;
    for (let index = 0; index < count; index++) {
      rig.device.telemetry.record("temperature", sample(index).temperature as number);
      rig.advance(pause);
    }
    rig.advance(60_000);
  },
  [commands.nothing]: () => undefined,
  [commands.prepareGateway]: (capacity, maxChildren) => {
    prepare({ capacity, maxAge: 30_000 }, new CountingFlash(), { maxChildren });
  },
  [commands.children]: (count, from) => {
    for (let index = from; index < from + count; index++) {
      const child = state.rig.device.gateway.child(`Sensor ${index}`, { type: "sensor" });
      child.telemetry.record("temperature", index);
      child.attributes.publish({ serial: index });
      state.rig.advance(10_000);
    }
    state.rig.advance(60_000);
  },
};

function prepare(telemetry: object, flash: CountingFlash | undefined, gateway: object = {}): void {
  state.telemetry = telemetry;
  state.flash = flash;
  state.samples = 0;
  state.rig = new Rig(roundTrip, { telemetry, gateway }, flash);
}

function deliverBatch(): void {
  recordInstants(instants);
  state.rig.advance(40_000);
}

function recordInstants(count: number): void {
  const { rig } = state;
  for (let instant = 0; instant < count; instant++) {
    rig.device.telemetry.record(sample(state.samples));
    state.samples += 1;
    rig.advance(period);
  }
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
  const { rig, flash } = state;
  const { recorded, delivered, dropped, depth, stored, journaled } = rig.device.telemetry;
  const { publishes, publishBytes, firstAcknowledgedAt } = rig.peer.traffic;
  const roundTrips = (firstAcknowledgedAt - rig.peer.openedAt) / roundTrip;
  return {
    ...{ recorded, delivered, dropped, depth, stored, journaled, erases: flash?.erases ?? 0 },
    ...{ publishes, publishBytes, roundTrips, isLive: rig.isLive },
  };
}

Object.assign(globalThis, {
  handleCommand: (command: ArrayBuffer): ArrayBuffer => {
    const view = new DataView(command);
    const number = view.getUint32(0);
    steps[number]?.(view.getUint32(4), view.getUint32(8));
    const isReady = number > commands.prepareAgain && number !== commands.prepareGateway;
    return new TextEncoder().encode(isReady ? JSON.stringify(report()) : "{}").buffer as ArrayBuffer;
  },
});
