// SPDX-License-Identifier: Apache-2.0

import { describe } from "@jest/globals";
import { defineFirmwareCases } from "./firmware-cases.js";

describe("the default firmware against OpenRemote, on Node", () => defineFirmwareCases("node"));
