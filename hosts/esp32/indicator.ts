// SPDX-License-Identifier: Apache-2.0

import Digital from "embedded:io/digital";
import config from "mc/config";
import { log } from "../xs/log.js";

/** Switches the LED that the configuration names: `"indicator": { "pin": 2, "activeLow": false }`. Without one it says so. */
export function createIndicator(): (on: boolean) => void {
  const { indicator } = config;
  if (indicator === undefined) return (on) => log.write("info", "host.indicator", on ? "on" : "off");
  const led = new Digital({
    pin: indicator.pin,
    mode: Digital.Output,
    activeLow: indicator.activeLow === true,
    initialValue: 0,
  });
  return (on) => led.write(on ? 1 : 0);
}
