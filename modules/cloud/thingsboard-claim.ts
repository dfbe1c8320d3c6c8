// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { ClaimDialect } from "./dialect.js";
import type { JsonWriter } from "./json-writer.js";

/** ThingsBoard's device claiming: one message, to which the server never answers. */
export class ThingsBoardClaim implements ClaimDialect {
  readonly topic = "v1/devices/me/claim";

  writeClaim(writer: JsonWriter, secretKey: string | undefined, duration: Milliseconds | undefined): void {
    writer.beginObject();
    this.writeTerms(writer, secretKey, duration);
    writer.endObject();
  }

  writeTerms(writer: JsonWriter, secretKey: string | undefined, duration: Milliseconds | undefined): void {
    if (secretKey !== undefined) {
      writer.name("secretKey");
      writer.value(secretKey);
    }
    if (duration !== undefined) {
      writer.name("durationMs");
      writer.value(duration);
    }
  }
}
