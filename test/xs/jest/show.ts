// SPDX-License-Identifier: Apache-2.0

const longest = 400;

/** A value for people, shortened. */
export function show(value: unknown, depth = 3): string {
  const text = showWhole(value, depth);
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

function showWhole(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `[function ${value.name}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Error) return `${value.name}(${value.message})`;
  if (depth === 0) return "...";
  const inner = (part: unknown): string => show(part, depth - 1);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} [${[...(value as Uint8Array)].join(" ")}]`;
  if (Array.isArray(value)) return `[${value.map(inner).join(", ")}]`;
  if (value instanceof Map)
    return `Map {${[...value].map(([key, part]) => `${inner(key)}: ${inner(part)}`).join(", ")}}`;
  if (value instanceof Set) return `Set {${[...value].map(inner).join(", ")}}`;
  return `{${Object.entries(value)
    .map(([key, part]) => `${key}: ${inner(part)}`)
    .join(", ")}}`;
}
