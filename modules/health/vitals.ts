// SPDX-License-Identifier: Apache-2.0

/** What counts by name is a Map: one key of telemetry, and on XS no property for each name. */
export type VitalSign = number | ReadonlyMap<string, number>;

/** Takes one vital sign at a time, so that a sample of all of them needs no object. */
export type Report = (key: string, value: VitalSign) => void;

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
      if (typeof value !== "number" || Number.isFinite(value)) report(key, value);
    };
    for (const source of this.#sources) source(checked);
  }
}
