// SPDX-License-Identifier: Apache-2.0

import type { AccessToken, Credentials } from "../cloud/credentials.js";
import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { KeyValueStore, Text } from "../core/ports.js";
import { decodeCredentials, encodeCredentials } from "./credential-codec.js";

/** What was accepted by the server at least once, and what was not yet tried. */
const verifiedKey = "cred";
const candidateKey = "cred.new";
/** What the device has made itself, kept from before the first request: its reply may be lost. */
const ownKey = "cred.own";
const probeKey = "cred.try";

/** As much as a token or basic credentials of usual length need. */
const probe = new Uint8Array(128);

export interface CredentialStoreOptions {
  readonly storage: KeyValueStore;
  readonly text: Text;
  readonly failures: FailureLog;
  /** Credentials of the configuration, if there are any. */
  readonly configured: Credentials | undefined;
}

/**
 * The credentials of a device in its key-value store. New ones wait beside the old until the server has accepted them once, so
 * that a power cut at any moment leaves the old or the new ones, complete. What cannot be stored is used all the same until the
 * next restart, and stored as soon as that is possible. Nothing of them is ever logged.
 */
export class CredentialStore {
  readonly #options: CredentialStoreOptions;
  #verified: Credentials | undefined;
  #candidate: Credentials | undefined;
  #own: AccessToken | undefined;
  #isVerifiedStored = true;
  #isCandidateStored = true;
  #isWritable = false;

  /** Does not write. */
  constructor(options: CredentialStoreOptions) {
    this.#options = options;
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

  /** New credentials, kept beside the old. */
  propose(credentials: Credentials): void {
    this.#candidate = credentials;
    this.#isCandidateStored = false;
    this.store();
  }

  /** The server has accepted these: the old ones go, and so does a candidate. */
  confirm(credentials: Credentials): void {
    this.#verified = credentials;
    this.#isVerifiedStored = false;
    this.discard();
  }

  /** The candidate is of no use. */
  discard(): void {
    this.#candidate = undefined;
    this.#isCandidateStored = false;
    this.store();
  }

  /** Stores what could not be stored before. False where it still cannot, which is counted. */
  store(): boolean {
    // In this order: the only copy of what was accepted may be the stored candidate.
    if (!this.#isVerifiedStored) this.#isVerifiedStored = this.#put(verifiedKey, this.#verified);
    if (this.#isVerifiedStored && !this.#isCandidateStored)
      this.#isCandidateStored = this.#put(candidateKey, this.#candidate);
    return this.#isVerifiedStored && this.#isCandidateStored;
  }

  /**
   * The token that the device made when it first asked, or makes now. Undefined, which is counted, where that cannot be known or
   * could not be kept.
   */
  own(make: () => string): AccessToken | undefined {
    try {
      this.#own ??= this.#loadToken() ?? this.#keepToken({ type: "ACCESS_TOKEN", token: make() });
    } catch (error) {
      this.#fail(ownKey, error);
    }
    return this.#own;
  }

  /** Whether what a server gives only once could be kept: tries that out until it worked once. */
  isWritable(): boolean {
    const { storage } = this.#options;
    try {
      if (!this.#isWritable) storage.write(probeKey, probe);
      if (!this.#isWritable) storage.delete(probeKey);
      this.#isWritable = true;
    } catch (error) {
      this.#fail(probeKey, error);
    }
    return this.#isWritable;
  }

  #loadToken(): AccessToken | undefined {
    const own = this.#load(ownKey);
    return own?.type === "ACCESS_TOKEN" ? own : undefined;
  }

  #keepToken(token: AccessToken): AccessToken {
    this.#keep(ownKey, token);
    return token;
  }

  #read(key: string): Credentials | undefined {
    try {
      return this.#load(key);
    } catch (error) {
      this.#fail(key, error);
      return undefined;
    }
  }

  #put(key: string, credentials: Credentials | undefined): boolean {
    try {
      if (credentials === undefined) this.#options.storage.delete(key);
      else this.#keep(key, credentials);
      return true;
    } catch (error) {
      this.#fail(key, error);
      return false;
    }
  }

  #load(key: string): Credentials | undefined {
    const { storage, text, configured, failures } = this.#options;
    const bytes = storage.read(key);
    if (bytes === undefined) return undefined;
    const credentials = decodeCredentials(text, bytes, configured);
    if (credentials === undefined) failures.add("malformed-json", `${key} is not understood`);
    return credentials;
  }

  #keep(key: string, credentials: Credentials): void {
    const { storage, text, configured } = this.#options;
    storage.write(key, encodeCredentials(text, credentials, configured));
  }

  #fail(key: string, error: unknown): void {
    if (!(error instanceof DeviceError)) throw error;
    this.#options.failures.add(error.reason, `${key}: ${error.message}`);
  }
}
