// SPDX-License-Identifier: Apache-2.0

/** Ids are signed 32-bit decimals on the wire; a device only uses and accepts those from 0. */
export const maxTopicId = 0x7fff_ffff;

/** The request id that follows `prefix` in `topic`: a plain decimal up to 2^31 - 1, or -1. */
export function idInTopic(prefix: string, topic: string): number {
  if (!topic.startsWith(prefix)) return -1;
  const digits = topic.slice(prefix.length);
  if (digits.length === 0 || digits.length > 10) return -1;
  let id = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    id = id * 10 + digit;
  }
  return id <= maxTopicId ? id : -1;
}
