// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { TlsOptions } from "../../modules/core/ports.js";
import { checkTlsOptions } from "../node/tls-options.js";

/** What tls-credentials.c says is bad, by its number. */
const faults = Object.freeze([
  undefined,
  "ca: not certificates",
  "certificate: not a certificate",
  "privateKey: not a key",
  "privateKey: not the certificate's",
]);

/** Who is trusted and who the device is, for as many connections as one likes. Throws as `SecureSocketFactory` does. */
export class TlsCredentials extends Native("xs_tls_credentials_destructor") {
  constructor(options: TlsOptions) {
    super();
    checkTlsOptions(options);
    const { ca, certificate, privateKey } = options;
    const verdict = native("xs_tls_credentials").call(this, ca, certificate, privateKey) as number;
    if (verdict >= faults.length) throw new DeviceError("out-of-memory", "no memory or no randomness for TLS");
    const fault = faults[verdict];
    if (fault !== undefined) throw new RangeError(fault);
  }
}
