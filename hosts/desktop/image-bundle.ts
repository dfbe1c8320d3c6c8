// SPDX-License-Identifier: Apache-2.0

import type { Bundle } from "./bundle.js";

/** Where one module of a bundle begins, as esbuild writes it. */
const moduleComment = /^ *\/\/ (\S+\.[jt]s)$/;

/** The firmware of an image, which has no source map: places in the image, with the module that is there. */
export function bundleOfImage(script: string, slot: string): Bundle {
  const lines = script.split("\n");
  const moduleAt = (line: number): string => {
    for (let index = line - 1; index >= 0; index--) {
      const [, module] = moduleComment.exec(lines[index] ?? "") ?? [];
      if (module !== undefined) return `${module}, `;
    }
    return "";
  };
  return {
    // The first line is the image's header: lines count as in its file.
    script: `\n${script}\n//# sourceURL=${slot}`,
    explain: (stack) =>
      stack.replace(/\((\w+):(\d+)\)/g, (place, name, line) =>
        name === slot ? `(${moduleAt(Number(line) - 1)}${slot}:${line})` : place,
      ),
  };
}
