// SPDX-License-Identifier: Apache-2.0

import { defineFirmwareCases } from "../integration/openremote/firmware-cases.js";
import { describeOnXs } from "./engine-required.js";

describeOnXs("the default firmware against OpenRemote, on XS", () => defineFirmwareCases("xs"));
