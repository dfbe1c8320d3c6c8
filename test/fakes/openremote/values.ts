// SPDX-License-Identifier: Apache-2.0

import { type Attribute, meta } from "./asset.js";

/** A null that stands in a `writeattribute` message: it does not clear, it is coerced. */
export const jsonNull: unique symbol = Symbol("JSON null");

export type Coercion = { readonly value: unknown } | { readonly defect: string };

/** A message as JSON; null if it is none, as the manager has it. */
export function parseValue(text: string): unknown {
  return parseJson(text) ?? null;
}

/** @returns undefined: not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What becomes of a value on its way into an attribute. */
export function coerce(attribute: Pick<Attribute, "type" | "meta">, value: unknown): Coercion {
  if (value === null || value === undefined) return { value: null };
  const coercion = value === jsonNull ? { value: nullOf(attribute.type) } : coerceTo(attribute.type, value);
  if ("defect" in coercion) return coercion;
  const defect = defectOf(coercion.value, attribute.meta[meta.constraints]);
  return defect ? { defect } : coercion;
}

function nullOf(type: string): unknown {
  if (type === "number" || type === "integer") return 0;
  if (type === "boolean") return false;
  return type === "text" ? "null" : null;
}

function coerceTo(type: string, value: unknown): Coercion {
  switch (type) {
    case "number":
      return toNumber(value);
    case "integer":
      return toInteger(value);
    case "boolean":
      return toBoolean(value);
    case "text":
      return toText(value);
    default:
      return { value };
  }
}

function toNumber(value: unknown): Coercion {
  if (typeof value === "number") return { value };
  if (typeof value !== "string") return { defect: `${kindOf(value)} is no number` };
  if (value.trim() === "") return { value: null };
  const number = Number(value);
  return Number.isNaN(number) ? { defect: "text is no number" } : { value: number };
}

function toInteger(value: unknown): Coercion {
  // A fraction is cut off a number, and none may be in a text.
  if (typeof value === "number") return { value: Math.trunc(value) };
  const coercion = toNumber(value);
  if ("defect" in coercion || coercion.value === null) return coercion;
  return Number.isInteger(coercion.value) ? coercion : { defect: "text is no integer" };
}

function toBoolean(value: unknown): Coercion {
  if (typeof value === "boolean") return { value };
  if (typeof value === "number" && Number.isInteger(value)) return { value: value !== 0 };
  if (typeof value === "string") {
    const text = value.trim();
    if (text === "") return { value: null };
    if (/^(true|True|TRUE)$/.test(text)) return { value: true };
    if (/^(false|False|FALSE)$/.test(text)) return { value: false };
  }
  return { defect: `${kindOf(value)} is no boolean` };
}

function toText(value: unknown): Coercion {
  return typeof value === "object" ? { defect: `${kindOf(value)} is no text` } : { value: String(value) };
}

function defectOf(value: unknown, constraints: unknown): string | undefined {
  if (typeof value !== "number" || !Array.isArray(constraints)) return undefined;
  for (const { type, min, max } of constraints) {
    if (type === "min" && value < min) return `less than ${min}`;
    if (type === "max" && value > max) return `more than ${max}`;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
