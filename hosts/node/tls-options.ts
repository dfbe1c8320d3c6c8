// SPDX-License-Identifier: Apache-2.0

import type { TlsOptions } from "../../modules/core/ports.js";

/** What can be told without looking into PEM. Throws `TypeError` and `RangeError`. */
export function checkTlsOptions({ ca, serverName, certificate, privateKey }: TlsOptions): void {
  checkText(ca, "ca");
  if (serverName !== undefined) checkText(serverName, "serverName");
  if (certificate !== undefined) checkText(certificate, "certificate");
  if (privateKey !== undefined) checkText(privateKey, "privateKey");
  if ((certificate === undefined) !== (privateKey === undefined))
    throw new TypeError("certificate, privateKey: one without the other");
}

function checkText(value: unknown, name: string): void {
  if (typeof value !== "string") throw new TypeError(`${name}: not a string`);
  if (value === "") throw new RangeError(`${name}: empty`);
}
