// SPDX-License-Identifier: Apache-2.0
// A firmware process on V8.

import { programOf } from "./example.js";
import { firmwareValues } from "./firmware-process.js";
import { runProgram } from "./options.js";

runProgram(async () => {
  const { default: main } = (await import(`../../${programOf(firmwareValues().example)}`)) as { default: () => void };
  main();
});
