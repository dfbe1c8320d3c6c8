// SPDX-License-Identifier: Apache-2.0

import FFI from "mc/ffi";

/** The C functions that manifest.json binds. One object for all: every instance makes its own function objects. */
export type Chip = InstanceType<typeof FFI>;

export function openChip(): Chip {
  return new FFI();
}
