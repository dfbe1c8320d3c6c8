// SPDX-License-Identifier: Apache-2.0

/** The sections that are the firmware's; the SDK and the boards keep their own values beside them. */
const sections = Object.freeze([
  ...["server", "openremote", "credentials", "provisioning", "wifi", "session", "telemetry", "health", "gateway"],
  ...["firmware", "software", "ota"],
]);

/**
 * What `Device` is given of the configuration of the manifests, which is yet to be validated. `config.defaults` has what holds where the
 * manifests say nothing else: beside it, because manifests are merged member by member, and credentials of two kinds are none.
 */
export function manifestSettings(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of sections) if (config[name] !== undefined) copy[name] = copyOf(config[name]);
  const { server, credentials, wifi } = members(config.defaults);
  copy.server ??= copyOf(server);
  copy.wifi ??= copyOf(wifi);
  if (copy.openremote === undefined && copy.provisioning === undefined) copy.credentials ??= copyOf(credentials);
  const { host, port, token, ssid, password } = config;
  if (host !== undefined) copy.server = { ...members(copy.server), host };
  if (port !== undefined) copy.server = { ...members(copy.server), port: Number(port) };
  if (token !== undefined) copy.credentials = { ...members(copy.credentials), token };
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

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
