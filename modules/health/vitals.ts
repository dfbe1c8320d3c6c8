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

  measure(report: Report): void {
    for (const source of this.#sources) source(report);
  }
}
