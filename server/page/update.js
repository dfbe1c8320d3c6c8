import { call } from "./api.js";

const prefixes = { FIRMWARE: "fw", SOFTWARE: "sw" };
const members = { FIRMWARE: "firmwareId", SOFTWARE: "softwareId" };

/**
 * What the device runs, should run, and how far it is.
 * @param values the latest values as `{key: [{value}]}`
 */
export function updateText(values, type) {
  const prefix = prefixes[type];
  const text = (key) => values[key]?.[0]?.value;
  const pair = (start) =>
    [text(`${start}${prefix}_title`), text(`${start}${prefix}_version`)].filter(Boolean).join(" ");
  const parts = [
    ["runs", pair("current_")],
    ["target", pair("target_")],
    ["state", text(`${prefix}_state`)],
    // The error of an earlier failure stays among the latest values.
    ["error", text(`${prefix}_state`) === "FAILED" ? text(`${prefix}_error`) : ""],
  ];
  return parts.flatMap(([name, part]) => (part ? [`${name} ${part}`] : [])).join(", ");
}

/** Creates a package for the device's profile, uploads it and assigns it to the device. */
export async function update(deviceId, { type, title, version, file }) {
  const device = await call("GET", `device/${deviceId}`);
  const { deviceProfileId } = device;
  const { id } = await call("POST", "otaPackage", { type, title, version, deviceProfileId });
  const form = new FormData();
  form.set("file", file);
  try {
    await call("POST", `otaPackage/${id.id}?checksumAlgorithm=SHA256`, form);
  } catch (error) {
    // Otherwise it would be in the way of the next attempt.
    await call("DELETE", `otaPackage/${id.id}`);
    throw error;
  }
  await call("POST", "device", { ...device, [members[type]]: id });
}

export async function withdraw(deviceId, type) {
  const device = await call("GET", `device/${deviceId}`);
  await call("POST", "device", { ...device, [members[type]]: null });
}
