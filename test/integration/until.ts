// SPDX-License-Identifier: Apache-2.0

export function pause(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}

/** Polls until it is true; after `limit` milliseconds it throws. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, limit = 10_000): Promise<void> {
  const end = Date.now() + limit;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`still not after ${limit} ms: ${what}`);
    await pause(5);
  }
}
