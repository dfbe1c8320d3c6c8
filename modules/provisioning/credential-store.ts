// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "../cloud/credentials.js";
import type { Json } from "../cloud/json.js";
import { JsonScanner } from "../cloud/json-scanner.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { KeyValueStore, Text } from "../core/ports.js";

/** What was accepted by the server at least once, and what was not yet tried. */
const verifiedKey = "cred";
const candidateKey = "cred.new";
/** What the device has made itself, kept from before the first request: its reply may be lost. */
const ownKey = "cred.own";

/** Longest value that every key-value store takes. A certificate of an elliptic curve and its key fit, those of RSA do not. */
const maxBytes = 1_984;

/**
 * The credentials of a device in its key-value store. New ones wait beside the old until the server has accepted them once, so
 * that a power cut at any moment leaves the old or the new ones, complete. Nothing of them is ever logged.
 */
export class CredentialStore {
  readonly #storage: KeyValueStore;
  readonly #text: Text;
  readonly #failures: FailureLog;
  #verified: Credentials | undefined;
  #candidate: Credentials | undefined;

  constructor(storage: KeyValueStore, text: Text, failures: FailureLog) {
    this.#storage = storage;
    this.#text = text;
    this.#failures = failures;
    this.#verified = this.#read(verifiedKey);
    this.#candidate = this.#read(candidateKey);
  }

  /** What the server has accepted. */
  get verified(): Credentials | undefined {
    return this.#verified;
  }

  /** What the server has not seen yet, and is to be tried first. */
  get candidate(): Credentials | undefined {
    return this.#candidate;
  }

  /** New credentials, kept beside the old. What cannot be stored is counted, and used until the next restart. */
  propose(credentials: Credentials): void {
    this.#candidate = credentials;
    this.#write(candidateKey, credentials);
  }

  /** The server has accepted the candidate: the old ones go. */
  confirm(): void {
    if (this.#candidate === undefined) return;
    this.#verified = this.#candidate;
    this.#candidate = undefined;
    if (this.#write(verifiedKey, this.#verified)) this.#delete(candidateKey);
  }

  /** The server has refused the candidate. */
  discard(): void {
    this.#candidate = undefined;
    this.#delete(candidateKey);
  }

  /** What the device made itself when it first asked, or makes now. */
  own(make: () => Credentials): Credentials {
    const known = this.#read(ownKey);
    if (known !== undefined) return known;
    const made = make();
    this.#write(ownKey, made);
    return made;
  }

  #read(key: string): Credentials | undefined {
    const bytes = this.#storage.read(key);
    if (bytes === undefined) return undefined;
    const credentials = credentialsOf(new JsonScanner({ text: this.#text }).scan(bytes, 0, bytes.length));
    if (credentials === undefined) this.#failures.add("malformed-json", `${key} is not understood`);
    return credentials;
  }

  #write(key: string, credentials: Credentials): boolean {
    const writer = new JsonWriter(this.#text, maxBytes);
    writer.tree(credentials);
    try {
      if (writer.hasOverflowed) throw new DeviceError("storage-failed", `more than ${maxBytes} bytes`);
      this.#storage.write(key, writer.bytes.slice(0, writer.byteLength));
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#failures.add(error.reason, `${key}: ${error.message}`);
      return false;
    }
  }

  #delete(key: string): void {
    try {
      this.#storage.delete(key);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#failures.add(error.reason, `${key}: ${error.message}`);
    }
  }
}

function credentialsOf(value: Json | undefined): Credentials | undefined {
  if (!(value instanceof Map)) return undefined;
  const members: ReadonlyMap<string, Json> = value;
  const text = (name: string): string | undefined => {
    const member = members.get(name);
    return typeof member === "string" ? member : undefined;
  };
  const type = text("type");
  const token = text("token");
  if (type === "ACCESS_TOKEN" && token !== undefined) return { type, token };
  if (type === "MQTT_BASIC")
    return { type, clientId: text("clientId"), userName: text("userName"), password: text("password") };
  const certificate = text("certificate");
  const privateKey = text("privateKey");
  if (type !== "X509_CERTIFICATE" || certificate === undefined || privateKey === undefined) return undefined;
  return { type, certificate, privateKey };
}
