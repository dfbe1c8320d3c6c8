// SPDX-License-Identifier: Apache-2.0

import { describe } from "@jest/globals";
import { engineAvailable, enginePath } from "../../hosts/desktop/engine.js";

const isSkipped = process.env.XSTHING_ENGINE === "none";

/**
 * `describe` of the XS lane. Without the engine the lane fails, because a green lane that ran nothing is a lie; with
 * XSTHING_ENGINE=none it is reported as skipped.
 */
export function describeOnXs(name: string, suite: () => void): void {
  if (isSkipped) {
    describe.skip(`${name} (XSTHING_ENGINE=none)`, suite);
    return;
  }
  if (!engineAvailable())
    throw new Error(
      `no XS engine at ${enginePath()}: npm could not compile @agoric/xsnap, which takes a C compiler and make`,
    );
  describe(name, suite);
}
