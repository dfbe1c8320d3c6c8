// SPDX-License-Identifier: Apache-2.0
// The project's own client as a subject of the contract.

import type { Text } from "../../../modules/core/ports.js";
import { MqttClient } from "../../../modules/mqtt/client.js";
import { Operation } from "../../../modules/mqtt/packet.js";
import { Inflight } from "../../../modules/session/inflight.js";
import { Report } from "../../../modules/session/report.js";
import { FakeLog } from "../../fakes/log.js";
import type { MakeSubject } from "./driver.js";

/** Packet identifiers are those of the session's ledger. */
export function makeOwnSubject(text: Text): MakeSubject {
  return (options) => {
    const { clock, config } = options;
    const inflight = new Inflight({
      clock,
      window: 1,
      acknowledgeTimeout: 1_000,
      others: { isPending: () => false },
      onTimeout: () => {},
      report: new Report(clock, new FakeLog()),
    });
    const client = new MqttClient({
      clock,
      text,
      connect: options.connect,
      host: "server.test",
      id: config.id ?? "device",
      user: config.user,
      password: config.password,
      keepAlive: config.keepAlive ?? 0,
      ...(config.will ? { will: config.will } : {}),
      receive: new Uint8Array(config.receive ?? 512),
      transmit: new Uint8Array(config.transmit ?? 512),
      onWritable: options.onWritable,
      onReadable: options.onMessage,
      onDropped: options.onDropped,
      onControl: (operation, id, payload, byteLength) =>
        options.onControl(operation, id, operation === Operation.SUBACK ? codes(payload, byteLength) : ""),
      onError: options.onError,
    });
    return {
      publish: (topic, payload, QoS, id, duplicate) =>
        client.publish(topic, payload, payload.length, QoS, id ?? inflight.nextId(), duplicate),
      subscribe: (id, filters) => client.subscribe(id, filters) === filters.length,
      unsubscribe: (id, filters) => client.unsubscribe(id, filters),
      acknowledge: (id) => client.acknowledge(id),
      disconnect: () => client.disconnect(),
      close: () => client.close(),
    };
  };
}

function codes(payload: Uint8Array, byteLength: number): string {
  let text = "";
  for (let index = 0; index < byteLength; index += 1) text += ` ${(payload[index] as number).toString(16)}`;
  return text;
}
