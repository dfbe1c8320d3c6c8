// SPDX-License-Identifier: Apache-2.0
// Application code in a package of its own.

import type { Application } from "../../modules/device/application.js";

export const framework = "0.1";

/** Keeps its device from the server. */
const application: Application = (device, { clock }) => clock.timer(() => device.stop()).start(0);

export default application;
