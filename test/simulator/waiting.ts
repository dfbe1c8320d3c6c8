// SPDX-License-Identifier: Apache-2.0

export interface WaitOptions {
  readonly what: string;
  readonly seconds: number;
}

/** Asks again every 100 ms until `probe` gives something; rejects with what it waited for. */
export async function waitFor<T>(
  { what, seconds }: WaitOptions,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
