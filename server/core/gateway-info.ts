import type { Device } from "../store/devices.js";

/** Whether a device may speak for others. Who connects as one stays one until it connects again. */
export function isGateway(device: Device): boolean {
  return hasFlag(device, "gateway");
}

/** Whether a sign of life of a gateway counts for all its sub-devices. */
export function overwritesActivityTime(device: Device): boolean {
  return hasFlag(device, "overwriteActivityTime");
}

function hasFlag({ additionalInfo }: Device, name: "gateway" | "overwriteActivityTime"): boolean {
  const info = JSON.parse(additionalInfo ?? "null") as Partial<Record<typeof name, unknown>> | null;
  return info?.[name] === true;
}
