// SPDX-License-Identifier: Apache-2.0

/** Throws `RangeError` where `start` to before `end` is no part of `bytes`. */
export function checkPart(bytes: Uint8Array, start: number, end: number): void {
  const isPart = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= bytes.length;
  if (!isPart) throw new RangeError(`${start} to ${end}: not within ${bytes.length} bytes`);
}
