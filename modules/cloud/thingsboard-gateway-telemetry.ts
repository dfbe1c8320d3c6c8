// SPDX-License-Identifier: Apache-2.0

import type { GatewayTelemetryDialect } from "./dialect.js";

/**
 * ThingsBoard's telemetry of sub-devices: `{"<name>":[{"ts":…,"values":{…}},…],…}`. Of a name that came twice, the first part would be
 * lost. A sub-device that the server does not know is made by its first message.
 */
export const thingsBoardGatewayTelemetry: GatewayTelemetryDialect = Object.freeze({
  topic: "v1/gateway/telemetry",
  /** Of `}}]}`. */
  closingBytes: 4,

  beginMessage(writer) {
    writer.beginObject();
  },

  beginSource(writer, name, isPlain) {
    writer.name(name, isPlain);
    writer.beginArray();
  },

  endSource(writer) {
    writer.endArray();
  },

  endMessage(writer) {
    writer.endObject();
  },

  /** The server makes the gateway's telemetry `gatewayMetrics` of it. */
  remark(connector, recorded, published) {
    return JSON.stringify({ connector, receivedTs: Math.round(recorded), publishedTs: Math.round(published) });
  },

  /** In an instant that the server stamps, it is taken for the gateway's remarks on the connection, and the session ends where it is none. */
  isReserved(key) {
    return key === "metadata";
  },
} satisfies GatewayTelemetryDialect);
