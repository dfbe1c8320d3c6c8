// SPDX-License-Identifier: Apache-2.0

/** Takes one vital sign at a time, so that a sample of all of them needs no object. */
export type Report = (key: string, value: number) => void;

/** Something that has vital signs: the platform, the network, a queue. */
export type VitalSource = (report: Report) => void;

/** The vital signs of the whole device, gathered from those who know them. */
export class Vitals {
  readonly #sources: VitalSource[] = [];

  /** At most a handful, all of them while the device is put together. */
  join(source: VitalSource): void {
    this.#sources.push(source);
  }

  /** Leaves out what is no finite number: a platform that cannot measure something right now has no word for it. */
  measure(report: Report): void {
    const checked: Report = (key, value) => {
      if (Number.isFinite(value)) report(key, value);
    };
    for (const source of this.#sources) source(checked);
  }
}
