// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { TelemetryDialect } from "./dialect.js";
import type { JsonWriter } from "./json-writer.js";
import type { OpenRemoteAddress } from "./openremote-address.js";
import { attributeNameProblem } from "./openremote-names.js";
import type { OpenRemoteRefusals } from "./openremote-refusals.js";

/**
 * OpenRemote's telemetry: one attribute a message, `{"value":…,"timestamp":…}` or, for the manager to stamp, the bare value. It goes
 * into the history of attributes that store data points; what is older than the present value goes only there.
 */
export class OpenRemoteTelemetry implements TelemetryDialect {
  readonly maxCount = 1;
  /** Sub-devices are assets of their own here: see `Assets`. */
  readonly gateway = undefined;
  /** Of `,"timestamp":1795212345678}`, and a digit more. */
  readonly closingBytes = 29;
  readonly #address: OpenRemoteAddress;
  readonly #refusals: OpenRemoteRefusals;
  #isDated = false;

  constructor(address: OpenRemoteAddress, refusals: OpenRemoteRefusals) {
    this.#address = address;
    this.#refusals = refusals;
  }

  topicOf(name: string, isDated: boolean): string {
    return this.#address.writeTopic(name, isDated);
  }

  nameProblem(name: string): string | undefined {
    return attributeNameProblem(name);
  }

  /** What an earlier firmware has recorded may have any name. */
  isRefused(name: string): boolean {
    return this.#refusals.has(name) || attributeNameProblem(name) !== undefined;
  }

  beginMessage(): void {}

  beginInstant(writer: JsonWriter, epoch: Milliseconds | undefined): void {
    this.#isDated = epoch !== undefined;
    if (this.#isDated) writer.beginObject();
  }

  /** The topic has it. */
  writeName(writer: JsonWriter): void {
    if (this.#isDated) writer.name("value", true);
  }

  standsAlone(): boolean {
    return true;
  }

  endInstant(writer: JsonWriter, epoch: Milliseconds | undefined): void {
    if (epoch === undefined) return;
    writer.name("timestamp", true);
    writer.value(Math.round(epoch));
    writer.endObject();
  }

  endMessage(): void {}
}
