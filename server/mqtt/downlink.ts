import { isMatch } from "./topics.js";
import type { Wire } from "./wire.js";

/** What a session sends: QoS by its subscriptions, packet ids counted up for ever. */
export class Downlink {
  readonly #wire: Wire;
  readonly #filters = new Map<string, 0 | 1>();
  readonly #unacknowledged = new Map<number, () => void>();
  #packetCount = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  grant(filter: string, requestedQos: number): 0 | 1 {
    const qos = requestedQos === 0 ? 0 : 1;
    this.#filters.set(filter, qos);
    return qos;
  }

  revoke(filter: string): void {
    this.#filters.delete(filter);
  }

  /**
   * Sends whether or not it was subscribed to, at QoS 1 if not.
   * @param onAcknowledged called at the PUBACK; never called at QoS 0
   */
  publish(topic: string, payload: string | Buffer, onAcknowledged?: () => void): 0 | 1 {
    const qos = this.#qosOf(topic);
    // Faithful: the count is also kept for QoS 0, and cut to 16 bits it is 0 after 65,535 messages.
    const packetId = ++this.#packetCount;
    if (qos === 1 && onAcknowledged) this.#unacknowledged.set(packetId, onAcknowledged);
    this.#wire.send({ cmd: "publish", topic, payload, qos, dup: false, retain: false, messageId: packetId & 0xffff });
    return qos;
  }

  acknowledge(packetId: number): void {
    const onAcknowledged = this.#unacknowledged.get(packetId);
    this.#unacknowledged.delete(packetId);
    onAcknowledged?.();
  }

  #qosOf(topic: string): 0 | 1 {
    for (const [filter, qos] of this.#filters) if (isMatch(filter, topic)) return qos;
    return 1;
  }
}
