// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../core/ports.js";
import { type ContentRange, parseContentRange, parseDecimal, parseStrongTag } from "./header-value.js";

/** A whole URL of a redirect fits. What is longer is cut, and then too long for whoever reads it. */
const bufferLength = 1_024;

/** Content-Security-Policy is the longest in the wild, and has been seen with 4 KiB. */
const maxLineLength = 8_192;
const maxHeadLength = 16_384;

/** Field names that are longer are none of ours. */
const maxNameLength = 32;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;

/**
 * The head of an HTTP/1 response, out of bytes that come in any pieces. Nothing is kept but one value at a time and what the fields
 * say that matter here. Interim responses (1xx) are passed over.
 */
export class ResponseHead {
  /** The value under way; for whoever likes before `reset`, and when the head is complete. */
  readonly buffer = new Uint8Array(bufferLength);
  status = 0;
  isComplete = false;
  /** What is wrong with it, for people; terminal. */
  problem: string | undefined;
  contentLength: number | undefined;
  contentRange: ContentRange | undefined;
  isChunked = false;
  /** The body is compressed, although nobody asked for that. */
  isEncoded = false;
  location: string | undefined;
  /** Strong entity tag, with its quotes. */
  tag: string | undefined;
  retryAfterSeconds: number | undefined;
  readonly #text: Text;
  #part: "status" | "name" | "value" | "ignored" = "status";
  #name = "";
  #kept = 0;
  #lineLength = 0;
  #headLength = 0;
  #isAfterReturn = false;

  constructor(text: Text) {
    this.#text = text;
  }

  /** For another response. */
  reset(): void {
    this.#headLength = 0;
    this.#begin();
  }

  /** Takes bytes from `start`, up to the end of the head at most; returns how many. */
  feed(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && !this.isComplete && this.problem === undefined) {
      this.#take(bytes[at] as number);
      at += 1;
    }
    return at - start;
  }

  #begin(): void {
    this.status = 0;
    this.isComplete = false;
    this.problem = undefined;
    this.contentLength = undefined;
    this.contentRange = undefined;
    this.isChunked = false;
    this.isEncoded = false;
    this.location = undefined;
    this.tag = undefined;
    this.retryAfterSeconds = undefined;
    this.#beginLine("status");
  }

  #beginLine(part: "status" | "name"): void {
    this.#part = part;
    this.#kept = 0;
    this.#lineLength = 0;
    this.#isAfterReturn = false;
  }

  #take(byte: number): void {
    this.#headLength += 1;
    if (this.#headLength > maxHeadLength) this.problem = "the head is too long";
    else if (byte === lineFeed) this.#endLine();
    else if (this.#isAfterReturn || isControl(byte)) this.problem = "a control character in the head";
    else if (byte === carriageReturn) this.#isAfterReturn = true;
    else this.#takeText(byte);
  }

  #takeText(byte: number): void {
    this.#lineLength += 1;
    if (this.#lineLength > maxLineLength) this.problem = "a line is too long";
    else if (this.#part === "name") this.#takeName(byte);
    else if (this.#part === "status") this.#keep(byte);
    else if (this.#part === "value" && (this.#kept > 0 || !isBlank(byte))) this.#keep(byte);
  }

  #takeName(byte: number): void {
    if (byte === 0x3a && this.#kept > 0) this.#endName();
    // A folded line, which RFC 9112 §5.2 forbids servers to send, begins with a blank.
    else if (isBlank(byte) || byte === 0x3a || byte >= 0x7f) this.problem = "not a header field";
    else this.#keep(byte);
  }

  #keep(byte: number): void {
    if (this.#kept >= bufferLength) return;
    this.buffer[this.#kept] = byte;
    this.#kept += 1;
  }

  #endName(): void {
    const isShort = this.#kept <= maxNameLength;
    this.#name = isShort ? this.#text.decode(this.buffer, 0, this.#kept).toLowerCase() : "";
    this.#part = isKnown(this.#name) ? "value" : "ignored";
    this.#kept = 0;
  }

  #endLine(): void {
    if (this.#part === "status") this.#readStatus();
    else if (this.#lineLength === 0) this.#endHead();
    else if (this.#part === "name") this.problem = "a header field without a value";
    else if (this.#part === "value") this.#readField();
    if (!this.isComplete && this.status !== 0) this.#beginLine("name");
  }

  /** RFC 9112 §4, as in "HTTP/1.1 206 Partial Content". */
  #readStatus(): void {
    const { buffer } = this;
    const isVersion = this.#kept >= 12 && this.#text.decode(buffer, 0, 7) === "HTTP/1." && buffer[8] === space;
    const isAlone = this.#kept === 12 || buffer[12] === space;
    const status = isVersion && isAlone ? parseDecimal(buffer, 9, 12) : -1;
    // Another protocol was not asked for.
    if (status < 100 || status > 599 || status === 101) this.problem = "not a status line of HTTP/1";
    else this.status = status;
  }

  #endHead(): void {
    if (this.status < 200) this.#begin();
    else this.isComplete = true;
  }

  #readField(): void {
    let end = this.#kept;
    while (end > 0 && isBlank(this.buffer[end - 1] as number)) end -= 1;
    if (!this.#readValue(end)) this.problem = `${this.#name} makes no sense`;
  }

  /** False for a value that cannot be. */
  #readValue(end: number): boolean {
    const { buffer } = this;
    switch (this.#name) {
      case "content-length":
        return this.#readContentLength(parseDecimal(buffer, 0, end));
      case "content-range":
        if (this.contentRange !== undefined) return false;
        this.contentRange = parseContentRange(buffer, end, this.#text);
        return this.contentRange !== undefined;
      case "transfer-encoding":
        if (this.isChunked) return false;
        this.isChunked = this.#text.decode(buffer, 0, end).toLowerCase() === "chunked";
        return this.isChunked;
      case "content-encoding":
        if (this.#text.decode(buffer, 0, end).toLowerCase() !== "identity") this.isEncoded = true;
        return true;
      case "location":
        this.location = this.#text.decode(buffer, 0, end);
        return true;
      case "etag":
        this.tag = parseStrongTag(buffer, end, this.#text);
        return true;
      default: {
        // The other form is a date, which a device may not know.
        const seconds = parseDecimal(buffer, 0, end);
        if (seconds >= 0) this.retryAfterSeconds = seconds;
        return true;
      }
    }
  }

  #readContentLength(length: number): boolean {
    if (length < 0 || (this.contentLength ?? length) !== length) return false;
    this.contentLength = length;
    return true;
  }
}

function isKnown(name: string): boolean {
  switch (name) {
    case "content-length":
    case "content-range":
    case "transfer-encoding":
    case "content-encoding":
    case "location":
    case "etag":
    case "retry-after":
      return true;
    default:
      return false;
  }
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab;
}

function isControl(byte: number): boolean {
  return (byte < space && byte !== tab && byte !== carriageReturn) || byte === 0x7f;
}
