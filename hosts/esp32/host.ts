// SPDX-License-Identifier: Apache-2.0
// The platform of main.ts on an ESP32.

import WiFi from "embedded:network/interface/wifi";
import config from "mc/config";
import type { Host } from "../../modules/core/ports.js";
import { createSecureFactory } from "../tls/secure.js";
import { verifySignature } from "../tls/signature.js";
import { ArchiveSlot } from "../xs/application-slot.js";
import { createClock } from "../xs/clock.js";
import { createSdkDigest } from "../xs/digest.js";
import { describeError, Guard } from "../xs/guard.js";
import { log } from "../xs/log.js";
import { createSocketFactory } from "../xs/socket.js";
import { createText } from "../xs/text.js";
import { keepError, openBlackBox } from "./black-box.js";
import { openBootLoader } from "./boot-loader.js";
import { createButton } from "./button.js";
import { openChip } from "./chip.js";
import { openChipTcp } from "./chip-tcp.js";
import { createFlashFactory } from "./flash.js";
import { Sntp } from "./sntp.js";
import { NvsStore } from "./storage.js";
import { createSystem } from "./system.js";
import { ChipWifi } from "./wifi.js";

export { settings } from "../xs/settings.js";

/** An exception that escapes the firmware is logged and restarts the chip; its next reset reason is "panic". */
export function createHost(): Host {
  const chip = openChip();
  const blackBox = openBlackBox(chip);
  const bootLoader = openBootLoader(chip);
  const guard = new Guard((error) => {
    const description = describeError(error);
    log.write("error", "host.panic", description);
    keepError(chip, description);
    chip.esp_restart();
  });
  const clock = createClock(guard);
  const random = (): number => chip.esp_random();
  const storage = new NvsStore();
  const openFlash = createFlashFactory(bootLoader);
  return {
    clock,
    time: new Sntp({ clock, guard, random, servers: config.timeServers }),
    random,
    text: createText(),
    connect: createSocketFactory(guard, openChipTcp),
    secure: createSecureFactory({ guard, open: openChipTcp, log, now: Date.now }),
    wifi: new ChipWifi(chip, clock, guard, (options) => new WiFi(options)),
    storage,
    openFlash,
    digest: createSdkDigest,
    ...(bootLoader && { bootLoader }),
    applicationSlot: new ArchiveSlot({ openFlash, storage, log, place: "xs" }),
    verifySignature,
    system: createSystem(chip, clock),
    watchButton: createButton(clock, guard),
    blackBox,
    log,
  };
}
