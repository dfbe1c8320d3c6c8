import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Mutation } from "./mutation.js";

/**
 * The append-only log that outlives the process: one JSON line per mutation, written before the call returns, so
 * that `kill -9` loses nothing that was acknowledged. A torn last line is ignored when the log is read.
 */
export class Journal {
  readonly #path: string;
  #file: number | undefined;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#path = join(directory, "journal.jsonl");
  }

  *read(): Generator<Mutation> {
    if (!existsSync(this.#path)) return;
    // What follows the last line feed is either nothing or a line that was cut off.
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    for (const [index, line] of lines.entries()) {
      try {
        yield JSON.parse(line) as Mutation;
      } catch (cause) {
        throw new Error(`${this.#path}:${index + 1} is damaged; remove the file to start afresh`, { cause });
      }
    }
  }

  /** Replaces the log by the shortest one that leads to the same state, and opens it for appending. */
  compact(snapshot: Iterable<Mutation>): void {
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, "w");
    for (const mutation of snapshot) writeFileSync(file, `${JSON.stringify(mutation)}\n`);
    closeSync(file);
    renameSync(temporary, this.#path);
    this.#file = openSync(this.#path, "a");
  }

  append(mutation: Mutation): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(mutation)}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
