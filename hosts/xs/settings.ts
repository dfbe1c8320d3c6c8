// SPDX-License-Identifier: Apache-2.0

import config from "mc/config";
import { manifestSettings } from "./manifest-settings.js";

/**
 * The configuration from the manifests, with what the `mcconfig` command line replaces: `host`, `port`, `token`, `ssid`
 * and `password`. It is yet to be validated by `Device`.
 */
export function settings(): unknown {
  return manifestSettings(config);
}
