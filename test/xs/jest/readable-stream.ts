// SPDX-License-Identifier: Apache-2.0
// The oracle, mqtt-packet, brings a package that extends a stream, and never streams.

export function Duplex(): void {}
