import { type Json, JsonNumber, type JsonObject } from "./json.js";

/** Nesting limit of gson 2.13; deeper is invalid JSON to the server. */
const maxDepth = 255;

const executionGuard = ")]}'\n";
const endOfLiteral = "/\\;#={}[]:, \t\f\r\n";
const numberLiteral = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const escapes: Readonly<Record<string, string>> = {
  t: "\t",
  b: "\b",
  n: "\n",
  r: "\r",
  f: "\f",
  "\n": "\n",
  "'": "'",
  '"': '"',
  "\\": "\\",
  "/": "/",
};

/**
 * Parses the way ThingsBoard does, which is gson in its lenient mode: unquoted and single-quoted text, comments,
 * `=` for `:` and `;` for `,` pass, a trailing comma in an object does not. An empty text is null.
 * @throws {SyntaxError} what gson refuses as well
 */
export function parseLenientJson(text: string): Json {
  return new LenientParser(text).document();
}

class LenientParser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    this.#skipBlanks();
    if (this.#text.startsWith(executionGuard, this.#position)) this.#position += executionGuard.length;
    this.#skipBlanks();
    if (this.#position === this.#text.length) return null;
    const value = this.#value(0);
    this.#skipBlanks();
    if (this.#position < this.#text.length) throw this.#error("text after the end");
    return value;
  }

  #value(depth: number): Json {
    if (depth > maxDepth) throw this.#error("nested too deep");
    const first = this.#peek();
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === '"' || first === "'") return this.#quoted();
    return literalValue(this.#unquoted());
  }

  #object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    this.#position++;
    if (this.#peek() === "}") {
      this.#position++;
      return members;
    }
    for (;;) {
      const first = this.#peek();
      const name = first === '"' || first === "'" ? this.#quoted() : this.#unquoted();
      this.#nameSeparator();
      this.#peek();
      members.set(name, this.#value(depth + 1));
      if (this.#endsAfterMember("}")) return members;
    }
  }

  #array(depth: number): Json[] {
    const items: Json[] = [];
    this.#position++;
    if (this.#peek() === "]") {
      this.#position++;
      return items;
    }
    for (;;) {
      const first = this.#peek();
      const isMissing = first === "," || first === ";" || first === "]";
      items.push(isMissing ? null : this.#value(depth + 1));
      if (this.#endsAfterMember("]")) return items;
    }
  }

  #nameSeparator(): void {
    const separator = this.#peek();
    if (separator !== ":" && separator !== "=") throw this.#error("missing value");
    this.#position++;
    if (separator === "=" && this.#text[this.#position] === ">") this.#position++;
  }

  #endsAfterMember(end: string): boolean {
    const next = this.#peek();
    if (next !== end && next !== "," && next !== ";") throw this.#error("unterminated");
    this.#position++;
    return next === end;
  }

  #quoted(): string {
    const quote = this.#text[this.#position++];
    let result = "";
    for (;;) {
      const character = this.#text[this.#position++];
      if (character === undefined) throw this.#error("unterminated string");
      if (character === quote) return result;
      result += character === "\\" ? this.#escaped() : character;
    }
  }

  #escaped(): string {
    const character = this.#text[this.#position++];
    if (character === "u") {
      const digits = this.#text.slice(this.#position, this.#position + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#error("bad unicode escape");
      this.#position += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = character === undefined ? undefined : escapes[character];
    if (plain === undefined) throw this.#error("bad escape");
    return plain;
  }

  #unquoted(): string {
    const start = this.#position;
    while (this.#position < this.#text.length && !endOfLiteral.includes(this.#text.charAt(this.#position))) {
      this.#position++;
    }
    if (this.#position === start) throw this.#error("expected a value or a name");
    return this.#text.slice(start, this.#position);
  }

  /** The next character that is neither blank nor comment, without consuming it. */
  #peek(): string {
    this.#skipBlanks();
    const character = this.#text[this.#position];
    if (character === undefined) throw this.#error("unexpected end");
    return character;
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#text[this.#position];
      if (character === " " || character === "\n" || character === "\r" || character === "\t") this.#position++;
      else if (character === "#" || this.#text.startsWith("//", this.#position)) this.#skipTo("\n", this.#text.length);
      else if (this.#text.startsWith("/*", this.#position)) this.#skipTo("*/");
      else return;
    }
  }

  #skipTo(end: string, otherwise?: number): void {
    const found = this.#text.indexOf(end, this.#position + 1);
    if (found < 0 && otherwise === undefined) throw this.#error("unterminated comment");
    this.#position = found < 0 ? this.#text.length : found + end.length;
  }

  #error(problem: string): SyntaxError {
    return new SyntaxError(`invalid JSON at ${this.#position}: ${problem}`);
  }
}

function literalValue(literal: string): Json {
  switch (literal.toLowerCase()) {
    case "true":
      return true;
    case "false":
      return false;
    case "null":
      return null;
  }
  return numberLiteral.test(literal) ? new JsonNumber(literal) : literal;
}
