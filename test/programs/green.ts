// SPDX-License-Identifier: Apache-2.0
// Application code in a package of its own.

import type { Application } from "../../modules/device/application.js";
import { tellName } from "./tell-name.js";

export const framework = "0.1";

const application: Application = (device, host) => tellName(device, host, "green");

export default application;
