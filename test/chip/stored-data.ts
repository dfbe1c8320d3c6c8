// SPDX-License-Identifier: Apache-2.0

import { FakeFlash } from "../fakes/flash.js";
import { Boot } from "../unit/telemetry/journal-boot.js";
import type { Sample } from "./cloud.js";

const blockLength = 4_096;

/** How many data the firmware would find in its journal that the server does not have yet. */
export function countStored(journal: Uint8Array): number {
  return mount(journal).journal.count;
}

/** The samples among them. A time is not a number where the firmware could not tell it before it knows the time again. */
export function storedSamples(journal: Uint8Array): readonly Sample[] {
  const boot = mount(journal);
  const samples: Sample[] = [];
  while (boot.load() === "loaded") {
    const data = boot.staged();
    for (const { key, time, value } of data)
      if (key === "bootCount") samples.push({ time: Math.round(boot.reader.clock + time), boot: Number(value) });
    boot.journal.acknowledge(data.length);
  }
  return samples;
}

/** As the next boot of the firmware would. */
function mount(journal: Uint8Array): Boot {
  const flash = new FakeFlash({ blocks: journal.length / blockLength, blockLength });
  flash.corrupt(0, journal);
  return new Boot(flash);
}
