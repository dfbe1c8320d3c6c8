// SPDX-License-Identifier: Apache-2.0

import mqtt from "mqtt-packet";

const requestTopic = /^v2\/fw\/request\/\d+\/chunk\/\d+$/;

/** Counts the requests for chunks that devices send. */
export class ChunkRequests {
  #count = 0;
  #firstAt = Number.NaN;

  get count(): number {
    return this.#count;
  }

  /** When the first one came, epoch; NaN before. */
  get firstAt(): number {
    return this.#firstAt;
  }

  /** Takes the bytes that one connection sends. */
  observe(): (bytes: Buffer) => void {
    const parser = mqtt.parser();
    parser.on("packet", (packet) => {
      if (packet.cmd !== "publish" || !requestTopic.test(packet.topic)) return;
      if (this.#count === 0) this.#firstAt = Date.now();
      this.#count += 1;
    });
    return (bytes) => parser.parse(bytes);
  }
}
