// SPDX-License-Identifier: Apache-2.0
// An application that is replaced without the firmware beneath it: `docs/porting.md`, "Application packages".

import type { Milliseconds } from "../modules/core/ports.js";
import type { Application } from "../modules/device/application.js";
import { Meter } from "./meter.js";

/** The framework that this was written for. Written out: it stays what it is when the firmware changes. */
export const framework = "0.1";

const period: Milliseconds = 10_000;

const application: Application = (device, host) => {
  const meter = new Meter(host.random);
  const timer = host.clock.timer(() => {
    timer.start(period);
    device.telemetry.record("level", meter.read());
  });
  timer.start(0);
  device.rpc.handle("getLevel", {}, () => ({ level: meter.level }));
};

export default application;
