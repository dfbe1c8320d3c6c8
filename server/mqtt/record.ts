import type { ServerContext } from "../core/context.js";
import { KeyError } from "../core/device-data.js";
import type { TelemetryGroup } from "../core/payload.js";
import type { Entry } from "../json/value.js";
import type { Device } from "../store/devices.js";

/** Stores what a device published, or does not: the device never learns. */
export function recordTelemetry(context: ServerContext, { id, name }: Device, groups: readonly TelemetryGroup[]): void {
  const keys = groups.flatMap(({ entries }) => entries.map(([key]) => key));
  save(context, name, () => context.data.saveTelemetry(id, groups));
  context.onEvent({ event: "telemetry", device: name, points: keys.length, keys: [...new Set(keys)] });
}

/** As {@link recordTelemetry}. */
export function recordAttributes(context: ServerContext, { id, name }: Device, entries: readonly Entry[]): void {
  save(context, name, () => context.data.saveAttributes(id, "CLIENT_SCOPE", entries));
  context.onEvent({ event: "attributes.published", device: name, keys: entries.map(([key]) => key) });
}

export function pointCount(groups: readonly TelemetryGroup[]): number {
  return groups.reduce((count, { entries }) => count + entries.length, 0);
}

function save({ onEvent }: ServerContext, device: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    onEvent({ event: "save.rejected", device, reason: error.message });
  }
}
