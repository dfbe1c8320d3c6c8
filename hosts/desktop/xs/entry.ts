// SPDX-License-Identifier: Apache-2.0
// What the engine runs: the firmware of main.ts, or of an example, on the board of this folder.

import main from "firmware/main";
import { engine } from "./engine-globals.js";
import { board } from "./host.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);
