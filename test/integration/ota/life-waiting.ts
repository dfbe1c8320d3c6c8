// SPDX-License-Identifier: Apache-2.0

const patience = 90_000;
const lookPause = 100;

export function pause(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

/** Asks again until the answer is neither undefined nor false. `story` says why it may be in vain. */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  story: () => string = () => "",
): Promise<Exclude<T, undefined | false>> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}\n${story()}`);
    await pause(lookPause);
  }
}
