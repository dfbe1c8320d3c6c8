// SPDX-License-Identifier: Apache-2.0
// Takes the place of modules/device/device-gateway in a firmware that is no gateway.

import { DeviceError } from "../core/errors.js";
import type { Child } from "../device/child.js";
import type { DeviceGateway as Whole } from "../device/device-gateway.js";

export function createGateway(): undefined {
  return undefined;
}

export class DeviceGateway implements Pick<Whole, keyof Whole> {
  child(): Child {
    throw new DeviceError("too-many-children", "this firmware was built without what a gateway needs");
  }
}
