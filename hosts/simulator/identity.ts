// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../modules/core/ports.js";
import type { Folder } from "./files.js";

const digits = 12;

/** Made once per storage folder, with the bit of a locally administered address set. */
export function readIdentity(folder: Folder, text: Text, random: () => number): string {
  const known = folder.read("identity");
  if (known?.length === digits) return text.decode(known, 0, digits);
  const identity = `02${hex(random()).slice(0, 2)}${hex(random())}`;
  const bytes = new Uint8Array(digits);
  text.encodeInto(identity, bytes, 0);
  folder.write("identity", bytes);
  return identity;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
