import { Decimal, isInt64, javaDoubleText } from "./decimal.js";
import { type Json, JsonNumber, type JsonObject, writeJson } from "./json.js";
import { parseLenientJson } from "./lenient-parser.js";

export type ValueType = "BOOLEAN" | "LONG" | "DOUBLE" | "STRING" | "JSON";

/** A stored value. The text is the JSON of the value, except for STRING, where it is the string itself. */
export interface Value {
  readonly type: ValueType;
  readonly text: string;
}

export type Entry = readonly [key: string, value: Value];

/** A double with more decimals than this is stored as a string. */
const maxDecimals = 16;

/** Strings that ThingsBoard turns into numbers (`NumberUtils.isParsable`, type cast on). */
const numericString = /^-?(\d+|\d*\.\d+)$/;

/** The members of an object as typed values; members that are null are dropped without a word. */
export function typedEntries(object: JsonObject): Entry[] {
  const entries: Entry[] = [];
  for (const [key, json] of object) {
    if (json !== null) entries.push([key, typedValue(json)]);
  }
  return entries;
}

function typedValue(json: Exclude<Json, null>): Value {
  if (typeof json === "boolean") return { type: "BOOLEAN", text: String(json) };
  if (json instanceof JsonNumber) return numericValue(json.text);
  if (typeof json === "string") return numericString.test(json) ? numericValue(json) : { type: "STRING", text: json };
  return { type: "JSON", text: writeJson(json, true) };
}

function numericValue(text: string): Value {
  const decimal = new Decimal(text);
  const isSimpleDouble = text.includes(".") && !/[eE]/.test(text);
  if (decimal.isIntegral && !isSimpleDouble) {
    const integer = decimal.truncated();
    return { type: isInt64(integer) ? "LONG" : "STRING", text: integer.toString() };
  }
  const double = Number(text);
  if (decimal.scale > maxDecimals || !Number.isFinite(double)) return { type: "STRING", text: decimal.toPlainText() };
  return { type: "DOUBLE", text: javaDoubleText(double) };
}

/** The stored value as JSON of its own type. */
export function valueJson(value: Value): Json {
  switch (value.type) {
    case "BOOLEAN":
      return value.text === "true";
    case "STRING":
      return value.text;
    case "JSON":
      return parseLenientJson(value.text);
    default:
      return new JsonNumber(value.text);
  }
}
