// SPDX-License-Identifier: Apache-2.0

/** Crashes before there is a device. */
export default function main(): void {
  throw new TypeError("a defect at the start");
}
