// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";

/** `wifi_err_reason_t` of ESP-IDF, as far as it tells more than that there is no connection. */
export function reasonOfDisconnection(code: number): Reason | undefined {
  switch (code) {
    case 201: // NO_AP_FOUND
    case 212: // NO_AP_FOUND_IN_RSSI_THRESHOLD
      return "wifi-not-found";
    case 15: // 4WAY_HANDSHAKE_TIMEOUT: what a wrong password looks like
    case 23: // 802_1X_AUTH_FAILED
    case 202: // AUTH_FAIL
    case 204: // HANDSHAKE_TIMEOUT: a wrong password again
    case 210: // NO_AP_FOUND_W_COMPATIBLE_SECURITY
    case 211: // NO_AP_FOUND_IN_AUTHMODE_THRESHOLD
      return "wifi-refused";
    case 2: // AUTH_EXPIRE
    case 4: // DISASSOC_DUE_TO_INACTIVITY
    case 200: // BEACON_TIMEOUT
    case 203: // ASSOC_FAIL
    case 205: // CONNECTION_FAIL
      return "wifi-lost";
    default:
      return undefined;
  }
}
