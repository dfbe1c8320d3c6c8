// SPDX-License-Identifier: Apache-2.0

/** Where an import leads: relative to the module that has it, or a name of its own. ".js" is how Node wants it. */
export function resolveSpecifier(specifier: string, referrer: string): string {
  const target = specifier.endsWith(".js") ? specifier.slice(0, -3) : specifier;
  if (!target.startsWith("./") && !target.startsWith("../")) return target;
  const path = referrer.split("/");
  path.pop();
  for (const step of target.split("/")) {
    if (step === "..") path.pop();
    else if (step !== ".") path.push(step);
  }
  return path.join("/");
}
