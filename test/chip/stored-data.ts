// SPDX-License-Identifier: Apache-2.0

import { FakeFlash } from "../fakes/flash.js";
import { Boot } from "../unit/telemetry/journal-boot.js";

const blockLength = 4_096;

/** How many data the firmware would find in its journal that the server does not have yet. */
export function countStored(journal: Uint8Array): number {
  const flash = new FakeFlash({ blocks: journal.length / blockLength, blockLength });
  flash.corrupt(0, journal);
  return new Boot(flash).journal.count;
}
