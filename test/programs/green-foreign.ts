// SPDX-License-Identifier: Apache-2.0
// Application code in a package of its own.

import type { Application } from "../../modules/device/application.js";

/** Of a firmware that there is not. */
export const framework = "9.9";

const application: Application = () => {};

export default application;
