// SPDX-License-Identifier: Apache-2.0
// Firmware of a package: does at once what its token says, and tells how it was booted.

import { createHost, settings } from "hosts/platform/host";

interface Settings {
  readonly credentials: { readonly token: string };
}

export default function main(): void {
  const host = createHost();
  const { bootLoader } = host;
  if (bootLoader === undefined) throw new RangeError("no boot loader");
  const { running, next, isOnTrial, isNextRejected } = bootLoader;
  host.log.write("info", "trial.boot", `${running} ${next} ${isOnTrial} ${isNextRejected} ${host.system.resetReason}`);
  // A process on V8 ends where nothing is left to wait for.
  host.clock.timer(() => undefined).start(3_600_000);
  switch ((settings() as Settings).credentials.token) {
    case "confirm":
      bootLoader.confirm();
      host.log.write("info", "trial.confirmed", String(bootLoader.isOnTrial));
      if (isOnTrial) host.system.restart("test");
      break;
    case "stumble":
      host.clock.timer(stumble).start(10);
      break;
    case "throw":
      stumble();
  }
}

function stumble(): void {
  throw new TypeError("a defect");
}
