// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "../cloud/credentials.js";
import type { CompleteConfig } from "./config.js";

/** What must never be read in a log. */
export function secretsOf({
  credentials,
  provisioning,
  openremote,
  wifi,
}: CompleteConfig): readonly (string | undefined)[] {
  const given = provisioning?.credentials;
  return [
    ...secretsIn(credentials),
    ...(typeof given === "object" ? secretsIn(given) : []),
    provisioning?.secret,
    // Whoever has it is the device.
    openremote?.provisioning?.certificate,
    ...wifi.map(({ password }) => password),
  ];
}

export function secretsIn(credentials: Credentials | undefined): readonly (string | undefined)[] {
  switch (credentials?.type) {
    case "ACCESS_TOKEN":
      return [credentials.token];
    case "MQTT_BASIC":
      return [credentials.password];
    case "X509_CERTIFICATE":
      return [credentials.privateKey];
    default:
      return [];
  }
}
