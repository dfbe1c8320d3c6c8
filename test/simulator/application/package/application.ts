// SPDX-License-Identifier: Apache-2.0
// An application in a package, which tells what it finds around itself.

import { DeviceError } from "modules/core/errors";
import { Counter } from "./counter.js";

export const framework = "written out";

/** Its own classes, and the firmware's: one and the same in both. */
export default function application(isOurs: (error: unknown) => boolean): string {
  const counter = new Counter();
  counter.add();
  return `${counter.add()} ${isOurs(new DeviceError("rolled-back"))}`;
}
