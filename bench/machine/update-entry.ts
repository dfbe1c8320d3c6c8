// SPDX-License-Identifier: Apache-2.0

import { engine } from "../../hosts/desktop/xs/engine-globals.js";
import { board } from "../../hosts/desktop/xs/host.js";
import main from "./update.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);
