// SPDX-License-Identifier: Apache-2.0

import { show } from "./show.js";

/** Fills the placeholders of a name in a table: %s %d %i %p %j %o %# %% in order, and $member of an object. */
export function title(name: string, args: readonly unknown[], index: number): string {
  let next = 0;
  const filled = name.replace(/%([sdipjo#%])/g, (_, kind: string) => {
    if (kind === "%") return "%";
    if (kind === "#") return String(index);
    const value = args[next];
    next += 1;
    return kind === "s" || kind === "d" || kind === "i" ? String(value) : show(value);
  });
  const [row] = args;
  if (typeof row !== "object" || row === null) return filled;
  return filled.replace(/\$(\w+)/g, (match, member: string) =>
    member in row ? String((row as Readonly<Record<string, unknown>>)[member]) : match,
  );
}
