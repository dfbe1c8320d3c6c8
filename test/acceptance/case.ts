// SPDX-License-Identifier: Apache-2.0

import type { World } from "./world.js";

/** An example procedure of the C client, by its id there. */
export interface Case {
  readonly id: string;
  readonly title: string;
  /** Throws where something is not as it should be, `Skipped` where this platform cannot show it. */
  readonly run: (world: World) => Promise<void>;
}
