// SPDX-License-Identifier: Apache-2.0

import config from "mc/config";

/** The sections that are the firmware's; the SDK and the boards keep their own values beside them. */
const sections = Object.freeze([
  ...[
    "server",
    "openremote",
    "credentials",
    "provisioning",
    "wifi",
    "session",
    "telemetry",
    "health",
    "firmware",
    "software",
    "ota",
  ],
]);

/**
 * The configuration from the manifests, with what the `mcconfig` command line replaces: `host`, `port`, `token`, `ssid`
 * and `password`. It is yet to be validated by `Device`.
 */
export function settings(): unknown {
  const copy: Record<string, unknown> = {};
  for (const name of sections) if (config[name] !== undefined) copy[name] = copyOf(config[name]);
  const { host, port, token, ssid, password } = config;
  if (host !== undefined) copy.server = { ...section(copy.server), host };
  if (port !== undefined) copy.server = { ...section(copy.server), port: Number(port) };
  if (token !== undefined) copy.credentials = { ...section(copy.credentials), token };
  if (ssid !== undefined) copy.wifi = [password === undefined ? { SSID: ssid } : { SSID: ssid, password }];
  return copy;
}

/** Objects in ROM cannot be turned into JSON or changed; copies can. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) copy[name] = copyOf(member);
  return copy;
}

function section(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
