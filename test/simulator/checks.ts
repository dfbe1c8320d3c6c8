// SPDX-License-Identifier: Apache-2.0

/** Runs checks one after the other, prints a line for each, and counts. */
export class Checks {
  #passed = 0;
  #failed = 0;

  async run(name: string, check: () => void | Promise<void>): Promise<boolean> {
    const started = Date.now();
    try {
      await check();
      this.#passed += 1;
      console.log(`ok      ${name} (${((Date.now() - started) / 1_000).toFixed(1)} s)`);
      return true;
    } catch (error) {
      this.#failed += 1;
      console.log(`FAILED  ${name}\n        ${(error as Error).message.split("\n").join("\n        ")}`);
      return false;
    }
  }

  get summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }

  get hasFailed(): boolean {
    return this.#failed > 0;
  }
}
