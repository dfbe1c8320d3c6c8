// SPDX-License-Identifier: Apache-2.0
// A firmware process on V8.

import main from "../../main.js";
import { runProgram } from "./options.js";

runProgram(main);
