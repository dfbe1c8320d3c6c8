/** A JSON number kept as it was written: `42`, `42.0` and `4.2e1` are three different things to ThingsBoard. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonObject = Map<string, Json>;

/** Parsed JSON. Objects are maps, so that no key of a device (`__proto__`) can mean anything to JavaScript. */
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

/** What can be written: parsed JSON, and plain JavaScript literals for the answers we compose ourselves. */
export type JsonOutput =
  | undefined
  | null
  | boolean
  | number
  | string
  | JsonNumber
  | readonly JsonOutput[]
  | ReadonlyMap<string, JsonOutput>
  | { readonly [key: string]: JsonOutput };

/** Writes compact JSON. Members that are `undefined` are left out; with `dropNulls` so are members that are null. */
export function writeJson(value: JsonOutput, dropNulls = false): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item, dropNulls)).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, member] of value instanceof Map ? value : Object.entries(value)) {
    if (member === undefined || (dropNulls && member === null)) continue;
    members.push(`${JSON.stringify(key)}:${writeJson(member, dropNulls)}`);
  }
  return `{${members.join(",")}}`;
}
