// SPDX-License-Identifier: Apache-2.0
// Application code in a package of its own.

import type { Application } from "../../modules/device/application.js";

export const framework = "0.1";

const application: Application = () => {
  throw new TypeError("a defect of the package");
};

export default application;
