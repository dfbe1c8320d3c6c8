// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { TelemetryDialect } from "./dialect.js";
import type { JsonWriter } from "./json-writer.js";
import { thingsBoardGatewayTelemetry } from "./thingsboard-gateway-telemetry.js";

/**
 * ThingsBoard's telemetry: `[{"ts":…,"values":{…}},…]`, without the brackets when it is one instant. The short topic is also the
 * one that no device profile can rename.
 */
export class ThingsBoardTelemetry implements TelemetryDialect {
  readonly topic = "v2/t";
  readonly maxCount = Number.POSITIVE_INFINITY;
  /** Of `}}]`. */
  readonly closingBytes = 3;
  readonly gateway = thingsBoardGatewayTelemetry;
  #instants = 0;

  topicOf(): string {
    return this.topic;
  }

  /** Any that is not blank. */
  nameProblem(): undefined {
    return undefined;
  }

  isRefused(): boolean {
    return false;
  }

  beginMessage(writer: JsonWriter): void {
    this.#instants = 0;
    writer.beginArray();
  }

  beginInstant(writer: JsonWriter, epoch: Milliseconds | undefined, remark?: string): void {
    this.#instants += 1;
    writer.beginObject();
    if (remark !== undefined) {
      writer.name("metadata", true);
      writer.json(remark);
    }
    if (epoch === undefined) return;
    writer.name("ts", true);
    writer.value(Math.round(epoch));
    writer.name("values", true);
    writer.beginObject();
  }

  writeName(writer: JsonWriter, name: string, isPlain: boolean): void {
    writer.name(name, isPlain);
  }

  /** Beside a "ts", it makes the server take the whole for a stamped instant, and end the session when it is none. */
  standsAlone(name: string): boolean {
    return name === "values";
  }

  endInstant(writer: JsonWriter, epoch: Milliseconds | undefined): void {
    writer.endObject();
    if (epoch !== undefined) writer.endObject();
  }

  endMessage(writer: JsonWriter): void {
    if (this.#instants === 1) writer.unwrapArray();
    else writer.endArray();
  }
}
