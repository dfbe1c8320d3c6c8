// SPDX-License-Identifier: Apache-2.0
// Takes the place of hosts/tls in a firmware that does without.

import { DeviceError } from "../../modules/core/errors.js";
import type { SecureSocketFactory } from "../../modules/core/ports.js";
import type { SecureOptions } from "../tls/secure.js";

export function createSecureFactory(_options: SecureOptions): SecureSocketFactory {
  return () => {
    throw new DeviceError("tls-unavailable", "this firmware was built without TLS");
  };
}
