// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { JsonScanner } from "../cloud/json-scanner.js";
import type { LogSink, Text } from "../core/ports.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import type { DeviceAttributes } from "./device-attributes.js";
import type { Parts } from "./parts.js";

const sharedName = "reportRules";
const errorName = "reportRulesError";

/** Characters of the text that tells what is wrong; escaped, each may take 6 of the 1,024 bytes of an attribute's message. */
const maxErrorLength = 160;

/**
 * Report rules from the server: the shared attribute `reportRules` is an object, or the JSON text of one, of rules by key, which
 * go before those of the program. A bad rule leaves the rule of its key as it was, and is told in the client attribute
 * `reportRulesError`: "key: field: why", one after the other; empty when all is well.
 */
export class SharedReportRules {
  readonly #telemetry: Telemetry;
  readonly #attributes: DeviceAttributes;
  readonly #text: Text;
  readonly #log: LogSink;
  /** Keys whose rule is the server's. */
  #keys: readonly string[] = [];

  constructor(parts: Parts, telemetry: Telemetry, attributes: DeviceAttributes) {
    this.#telemetry = telemetry;
    this.#attributes = attributes;
    this.#text = parts.text;
    this.#log = parts.log;
    // What was wrong before the last reset may have been put right meanwhile.
    attributes.publish({ [errorName]: "" });
    attributes.onShared(sharedName, (value) => this.#tell(this.#apply(value ?? noRules)));
  }

  /** Returns what is wrong with some of the rules, or with all of them; empty when nothing is. */
  #apply(value: Json): string {
    const rules = typeof value === "string" ? parse(this.#text, value) : value;
    if (!(rules instanceof Map)) return "not a JSON object";
    const wanted: ReadonlyMap<string, Json> = rules;
    // First, because they may take up the room of the others.
    for (const key of this.#keys) if (!wanted.has(key)) this.#telemetry.overrideRule(key, undefined);
    const known = this.#keys;
    const keys: string[] = [];
    let error = "";
    for (const [key, rule] of wanted) {
      const problem = this.#telemetry.overrideRule(key, rule);
      if (problem === undefined || known.includes(key)) keys.push(key);
      if (problem === undefined || error.length >= maxErrorLength) continue;
      error += `${error === "" ? "" : "; "}${key}: ${problem}`;
    }
    this.#keys = keys;
    return error.slice(0, maxErrorLength);
  }

  #tell(error: string): void {
    if (error !== "") this.#log.write("warning", "attributes.refused", `${sharedName}: ${error}`, "value-refused");
    this.#attributes.publish({ [errorName]: error });
  }
}

const noRules: ReadonlyMap<string, Json> = new Map();

/** Undefined for what is no JSON. */
function parse(text: Text, json: string): Json | undefined {
  const bytes = new Uint8Array(text.byteLength(json));
  text.encodeInto(json, bytes, 0);
  return new JsonScanner({ text }).scan(bytes, 0, bytes.length);
}
