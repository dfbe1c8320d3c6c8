// SPDX-License-Identifier: Apache-2.0

/**
 * The time, in milliseconds since 1970, but no millisecond twice: of two changes within one the manager reports only the
 * first, and a test does not want to be that quick.
 */
export function strictClock(): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now());
    return last;
  };
}
