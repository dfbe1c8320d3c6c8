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
    "gateway",
    "firmware",
    "software",
    "ota",
  ],
]);

/**
 * The configuration from the manifests, with what the `mcconfig` command line replaces: `host`, `port`, `token`, `ssid`
 * and `password`. A section or a field of it that is null is not there: so a manifest takes back what one that it includes
 * says. It is yet to be validated by `Device`.
 */
export function settings(): unknown {
  const copy: Record<string, unknown> = {};
  for (const name of sections) {
    const value = config[name];
    if (value !== undefined && value !== null) copy[name] = withoutNull(copyOf(value));
  }
  const { host, port, token, ssid, password } = config;
  if (host !== undefined) copy.server = { ...section(copy.server), host };
  if (port !== undefined) copy.server = { ...section(copy.server), port: Number(port) };
  if (token !== undefined) copy.credentials = { ...section(copy.credentials), token };
  if (ssid !== undefined) copy.wifi = [password === undefined ? { SSID: ssid } : { SSID: ssid, password }];
  // OpenRemote offers no packages: whatever the program says that it is, it is not replaced.
  const isOpenRemote = (copy.server as { platform?: unknown } | undefined)?.platform === "openremote";
  return isOpenRemote ? { firmware: undefined, software: undefined, ...copy } : copy;
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

function withoutNull(value: unknown): unknown {
  for (const [name, field] of Object.entries(section(value)))
    if (field === null) delete (value as Record<string, unknown>)[name];
  return value;
}
