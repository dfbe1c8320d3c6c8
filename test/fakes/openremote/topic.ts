// SPDX-License-Identifier: Apache-2.0

export type Topic = readonly string[];

export function topicOf(text: string): Topic {
  return text.split("/");
}

/** Whether a topic without wildcards is among those that a filter names. */
export function isMatch(filter: Topic, topic: Topic): boolean {
  for (const [index, token] of filter.entries()) {
    if (token === "#") return true;
    if (index >= topic.length || (token !== "+" && token !== topic[index])) return false;
  }
  return filter.length === topic.length;
}
