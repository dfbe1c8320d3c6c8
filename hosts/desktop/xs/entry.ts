// SPDX-License-Identifier: Apache-2.0
// What the engine runs: the firmware of main.ts on the board of this folder.

import main from "../../../main.js";
import { engine } from "./engine-globals.js";
import { board } from "./host.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);
