// SPDX-License-Identifier: Apache-2.0

/** An MQTT topic filter (MQTT 3.1.1 §4.7), taken apart once so that matching a topic allocates nothing. */
export class Filter {
  readonly text: string;
  /** Undefined without a wildcard. */
  readonly #levels: readonly string[] | undefined;

  /** Throws `RangeError` for a filter that MQTT does not allow. */
  constructor(text: string) {
    this.text = text;
    if (text === "" || text.includes("\0")) throw new RangeError("filter: empty, or with a null character");
    if (!text.includes("+") && !text.includes("#")) return;
    this.#levels = text.split("/");
    this.#levels.forEach(checkLevel);
  }

  matches(topic: string): boolean {
    const levels = this.#levels;
    if (levels === undefined) return topic === this.text;
    // MQTT 3.1.1 §4.7.2: topics of the server's own are not for wildcards.
    if (topic.startsWith("$") && !this.text.startsWith("$")) return false;
    const count = levels.length;
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      const level = levels[index] as string;
      if (level === "#") return true;
      const slash = topic.indexOf("/", at);
      const end = slash < 0 ? topic.length : slash;
      if (level !== "+" && !(topic.startsWith(level, at) && end - at === level.length)) return false;
      // "a/#" also matches "a".
      if (slash < 0) return index + 1 === count || (index + 2 === count && levels[index + 1] === "#");
      at = slash + 1;
    }
    return false;
  }
}

function checkLevel(level: string, index: number, levels: readonly string[]): void {
  const hasWildcard = level.includes("+") || level.includes("#");
  if (hasWildcard && level.length > 1) throw new RangeError("filter: a wildcard fills a level alone");
  if (level === "#" && index < levels.length - 1) throw new RangeError("filter: # comes last");
}
