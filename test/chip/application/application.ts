// SPDX-License-Identifier: Apache-2.0
// An application that a chip gets by an update. The lane changes texts in its archive, and with them what becomes of it.

import { DeviceError } from "modules/core/errors";
import type { Application } from "modules/device/application";
import { Counter } from "./counter.js";

export const framework = "0.1";

const most = 1_000;

/** As much as the lane needs of a device, and a call that no other application answers. */
const application: Application = (device) => {
  const counter = new Counter();
  device.attributes.declareShared("step", { type: "integer", minimum: 1, maximum: most, default: 1 }, (step) => {
    counter.step = step;
  });
  device.rpc.handle("count", {}, () => {
    if (counter.next() > most) throw new DeviceError("value-refused");
    return { count: counter.count };
  });
  device.rpc.handle("getVitals", {}, () => device.health.snapshot());
  device.rpc.handle("reboot", {}, () => {
    device.restart("rpc");
    return { accepted: true };
  });
};

export default application;
