// SPDX-License-Identifier: Apache-2.0
// What a boot loader remembers of its two images, and what it makes of that: ESP-IDF's `otadata` with rollback. Free of platform.

/** "none": nobody chose it yet. "new": chosen, and not booted since. "trial": booted, and not confirmed. "rejected": it did not stay. */
export type ImageState = "none" | "new" | "trial" | "valid" | "rejected";

/** By the names of the partitions. The map has both. */
export interface OtaData {
  /** What the boot loader starts. */
  readonly chosen: string;
  readonly states: ReadonlyMap<string, ImageState>;
}

/** The partitions for images, as in partitions.csv. */
export const imagePartitions = Object.freeze(["ota_0", "ota_1"] as const);

const states: readonly string[] = Object.freeze(["none", "new", "trial", "valid", "rejected"] satisfies ImageState[]);

/** As a chip after its firmware was flashed. */
export function freshOtaData(): OtaData {
  const [first, second] = imagePartitions;
  return {
    chosen: first,
    states: new Map<string, ImageState>([
      [first, "valid"],
      [second, "none"],
    ]),
  };
}

/** For what is no `OtaData` in text form, a fresh one. */
export function parseOtaData(text: string): OtaData {
  const [chosen = "", ...words] = text.trim().split(" ");
  const known: readonly string[] = imagePartitions;
  if (!known.includes(chosen) || words.length !== known.length || !words.every((word) => states.includes(word)))
    return freshOtaData();
  return { chosen, states: new Map(known.map((name, index) => [name, words[index] as ImageState])) };
}

/** One line, for `parseOtaData`. */
export function formatOtaData(data: OtaData): string {
  return [data.chosen, ...imagePartitions.map((name) => stateOf(data, name))].join(" ");
}

export function stateOf(data: OtaData, name: string): ImageState {
  return data.states.get(name) ?? "none";
}

/** The partition that is not `name`. */
export function otherImage(name: string): string {
  return name === imagePartitions[0] ? imagePartitions[1] : imagePartitions[0];
}

/** Any reset: what was on trial has failed, and what was chosen is tried once. `chosen` of what is returned runs. */
export function bootOtaData(data: OtaData): OtaData {
  const next = new Map(data.states);
  for (const [name, state] of data.states) if (state === "trial") next.set(name, "rejected");
  const chosen = next.get(data.chosen) === "rejected" ? otherImage(data.chosen) : data.chosen;
  if (next.get(chosen) === "new") next.set(chosen, "trial");
  return { chosen, states: next };
}

/** The image in `name` is started by the next boot. */
export function chooseImage(data: OtaData, name: string): OtaData {
  return { chosen: name, states: new Map(data.states).set(name, "new") };
}

/** The image in `name`, which runs, stays. */
export function confirmImage(data: OtaData, name: string): OtaData {
  if (stateOf(data, name) !== "trial") return data;
  return { chosen: data.chosen, states: new Map(data.states).set(name, "valid") };
}

/** Why a partition must not be written to while `running` runs: it is that, or what its trial returns to. */
export function writeRefusal(data: OtaData, running: string, partition: string): string | undefined {
  if (partition === running) return `"${partition}" runs`;
  const isReturn = stateOf(data, running) === "trial" && partition === otherImage(running);
  return isReturn ? `"${partition}" is what the trial returns to` : undefined;
}
