// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "../cloud/credentials.js";
import { isSameCredentials } from "../cloud/credentials.js";
import type { ProvisioningDialect, ProvisionRequest } from "../cloud/dialect.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { describeError, FailureLog } from "../core/failure-log.js";
import type { Host, Milliseconds, SocketFactory, Timer } from "../core/ports.js";
import { CredentialStore } from "../provisioning/credential-store.js";
import { Provisioner } from "../provisioning/provisioner.js";
import { randomToken } from "../provisioning/random-token.js";
import type { Participant } from "../session/link.js";
import type { SessionCredentials } from "../session/options.js";
import type { Session } from "../session/session.js";
import type { CompleteConfig } from "./config.js";
import { located } from "./config-fields.js";
import type { CompleteProvisioning, CompleteServer } from "./config-server.js";

/** After so many refused sessions in a row credentials are given up, by what is known of them. */
const patience = Object.freeze({
  /** There are no others. */
  configured: Number.POSITIVE_INFINITY,
  /** Four of the session's slow pauses: 1 to 7 minutes in all. */
  verified: 5,
  /** A server that is being restarted may refuse whom it knows. */
  candidate: 3,
  /** The device's own, of which it does not know whether the server has them. */
  guessed: 1,
});

/** Key-value storage that cannot be written is not repaired within seconds, if ever. */
const storePause: Milliseconds = 600_000;

export interface OnboardingOptions {
  readonly host: Host;
  readonly session: Session;
  /** Undefined where the platform has no provisioning by profiles; then the configuration has none either. */
  readonly dialect: ProvisioningDialect | undefined;
  readonly config: Pick<CompleteConfig, "server" | "credentials" | "provisioning">;
  /** The device is live at last, and the server had refused to provision it before: in its words. */
  readonly onRefusalOver: (refusal: string) => void;
  /** The device has these, wherever they come from, and may use them. */
  readonly onCredentials: (credentials: Credentials) => void;
}

/**
 * Gives the session its credentials: those of the configuration, or those that the server gives when it is asked. New ones are
 * stored before they are used and take the place of the old when the server has accepted them once. The session begins when there
 * are any.
 */
export class Onboarding implements Participant {
  readonly #options: OnboardingOptions;
  /** Of a device without a certificate. */
  readonly #sockets: SocketFactory;
  readonly #failures: FailureLog;
  /** Made when something could not be stored. */
  #storeTimer: Timer | undefined;
  readonly #store: CredentialStore | undefined;
  readonly #provisioner: Provisioner | undefined;
  /** What the device chose to be known by, if it did already. */
  #own: Credentials | undefined;
  #inUse: Credentials | undefined;
  #standing: keyof typeof patience = "configured";
  #isStarted = false;
  /** Sessions in a row that the server refused by their credentials. */
  #refusals = 0;
  #refusal = "";

  /** Does not write. Throws `TypeError` or `RangeError` for certificates that are none, and what else `host.secure` throws. */
  constructor(options: OnboardingOptions) {
    const { host, session, config } = options;
    const { provisioning } = config;
    this.#options = options;
    this.#sockets = this.#socketsOf(config.server.tls);
    this.#failures = new FailureLog(host.clock, host.log, "provisioning.failed");
    session.join(this);
    const { credentials } = config;
    if (credentials !== undefined) located("config.credentials", () => this.#use(credentials, "configured"));
    const { dialect } = options;
    if (provisioning === undefined || dialect === undefined) return;
    const configured = typeof provisioning.credentials === "string" ? undefined : provisioning.credentials;
    // Mistakes in it show now, not at the end of all attempts.
    if (configured !== undefined) located("config.provisioning.credentials", () => this.#socketsFor(configured));
    this.#own = configured;
    this.#store = new CredentialStore({
      ...{ storage: host.storage, text: host.text, failures: this.#failures, configured },
    });
    // Before they are used: the last run may have said something of them.
    const { verified, candidate } = this.#store;
    for (const stored of [verified, candidate]) if (stored !== undefined) options.onCredentials(stored);
    this.#provisioner = this.#makeProvisioner(this.#store, dialect, provisioning);
  }

  /** Attempts to be provisioned since the start; undefined where that is not asked for. */
  get attempts(): number | undefined {
    return this.#provisioner?.attempts;
  }

  /** Begins with what there is. Idempotent. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#keep();
    this.#begin();
  }

  /** Idempotent. */
  stop(): void {
    this.#isStarted = false;
    this.#storeTimer?.stop();
    this.#store?.store();
    this.#provisioner?.stop();
    this.#options.session.stop();
  }

  setNetwork(isUp: boolean): void {
    this.#provisioner?.setNetwork(isUp);
    this.#options.session.setNetwork(isUp);
  }

  onOpen(): void {}

  onLive(): void {
    const { onRefusalOver } = this.#options;
    this.#refusals = 0;
    if (this.#inUse !== undefined && this.#standing !== "configured") this.#onAccepted(this.#inUse);
    if (this.#refusal === "") return;
    onRefusalOver(this.#refusal);
    this.#refusal = "";
  }

  onClosed(reason: Reason): void {
    if (isRefusal(reason)) this.#onSessionRefused(reason);
  }

  onRoom(): void {}

  #onAccepted(credentials: Credentials): void {
    const store = this.#store;
    // A candidate beside accepted credentials was refused before.
    if (this.#standing === "verified" && store?.candidate === undefined) return;
    if (this.#standing === "verified") store?.discard();
    else {
      store?.confirm(credentials);
      this.#options.host.log.write("info", "provisioning.verified", credentials.type);
    }
    this.#standing = "verified";
    this.#keep();
  }

  #onSessionRefused(reason: Reason): void {
    const { host, session, config } = this.#options;
    this.#refusals += 1;
    if (!this.#isStarted || this.#refusals < patience[this.#standing]) return;
    if (this.#standing !== "verified") {
      host.log.write("warning", "provisioning.unaccepted", `credentials that are ${this.#standing}`, reason);
      this.#fallBack();
    } else if (config.provisioning?.whenRefused === "reprovision") {
      this.#refusals = 0;
      host.log.write("warning", "provisioning.again", "the server refuses what it once accepted", reason);
      session.stop();
      this.#provisioner?.start();
    }
  }

  /** Goes on with the newest credentials; without any, asks for some. */
  #begin(): void {
    const isReady = this.#store === undefined || this.#tryUse(this.#store.candidate, "candidate");
    if (isReady || this.#tryUse(this.#store?.verified, "verified")) this.#options.session.start();
    else this.#provisioner?.start();
  }

  /** From credentials that the server does not accept to the old ones; without any, asks slowly for others. */
  #fallBack(): void {
    if (this.#tryUse(this.#store?.verified, "verified")) return;
    this.#options.session.stop();
    this.#provisioner?.start(true);
  }

  #onProvisioned(store: CredentialStore, credentials: Credentials): void {
    store.propose(credentials);
    this.#keep();
    if (this.#tryUse(credentials, "candidate")) this.#options.session.start();
    else this.#provisioner?.start(true);
  }

  /**
   * Asking is of no use at present. A server that refuses knows the device, perhaps because an earlier reply was lost: then what
   * the device has chosen itself is good, or what it was given and could not use then. And the server may have come to accept the
   * old ones again.
   */
  #onSlow(store: CredentialStore, refusal: string | undefined): void {
    const { host, session } = this.#options;
    const { verified, candidate = this.#own } = store;
    if (refusal !== undefined) this.#refusal = refusal;
    const isNew = candidate !== undefined && (verified === undefined || !isSameCredentials(candidate, verified));
    const isGuess = refusal !== undefined && isNew && this.#tryUse(candidate, "guessed");
    if (!isGuess && !this.#tryUse(verified, "verified")) return;
    host.log.write("info", "provisioning.suspended", `for credentials that are ${this.#standing}`);
    this.#provisioner?.stop();
    session.start();
  }

  /** Stores what is not stored yet, again and again. */
  #keep(): void {
    if (this.#store?.store() !== false) return;
    this.#storeTimer ??= this.#options.host.clock.timer(() => this.#keep());
    this.#storeTimer.start(storePause);
  }

  /** What a newer firmware cannot use, or a store made of them, is counted and passed over. */
  #tryUse(credentials: Credentials | undefined, standing: keyof typeof patience): boolean {
    if (credentials === undefined) return false;
    try {
      this.#use(credentials, standing);
      return true;
    } catch (error) {
      this.#failures.add(error instanceof DeviceError ? error.reason : "value-refused", describeError(error));
      return false;
    }
  }

  #use(credentials: Credentials, standing: keyof typeof patience): void {
    const { session, host } = this.#options;
    this.#options.onCredentials(credentials);
    session.use(connectFields(credentials, host.system.identity), this.#socketsFor(credentials));
    this.#inUse = credentials;
    this.#standing = standing;
    this.#refusals = 0;
  }

  #socketsOf(tls: CompleteServer["tls"]): SocketFactory {
    const { host } = this.#options;
    return tls === undefined ? host.connect : located("config.server.tls", () => host.secure(tls));
  }

  #socketsFor(credentials: Credentials): SocketFactory {
    const { host, config } = this.#options;
    const { tls } = config.server;
    if (credentials.type !== "X509_CERTIFICATE") return this.#sockets;
    if (tls === undefined) throw new RangeError("certificate: needs config.server.tls");
    const { certificate, privateKey } = credentials;
    const connect = host.secure({ ...tls, certificate, privateKey });
    return (options) =>
      connect({
        ...options,
        onError: (reason) => {
          options.onError(reason);
          // Where the handshake is refused the session was never open, so that `onClosed` is not called.
          if (reason === "tls-refused") this.#onSessionRefused(reason);
        },
      });
  }

  #makeProvisioner(
    store: CredentialStore,
    dialect: ProvisioningDialect,
    provisioning: CompleteProvisioning,
  ): Provisioner {
    const { host, config } = this.#options;
    const { clock, random, text, log, system } = host;
    const { key: deviceKey, secret: deviceSecret, gateway: isGateway } = provisioning;
    const name = provisioning.deviceName ?? system.identity;
    const basis = { deviceKey, deviceSecret, isGateway, deviceName: name === "" ? undefined : name };
    return new Provisioner({
      ...{ clock, random, text, log, dialect, server: config.server, connect: this.#sockets },
      ...{ clientId: system.identity, failures: this.#failures },
      request: () => this.#request(store, provisioning, basis),
      onProvisioned: (credentials) => this.#onProvisioned(store, credentials),
      onSlow: (refusal) => this.#onSlow(store, refusal),
    });
  }

  /** Undefined while the device could not keep what it asks for. */
  #request(
    store: CredentialStore,
    { credentials }: CompleteProvisioning,
    basis: Omit<ProvisionRequest, "credentials">,
  ): ProvisionRequest | undefined {
    if (credentials === "server") return store.isWritable() ? { ...basis, credentials: undefined } : undefined;
    // Not earlier: the chip's random numbers are good while its radio is on.
    if (credentials === "device") this.#own = store.own(() => randomToken(this.#options.host.random));
    return this.#own === undefined ? undefined : { ...basis, credentials: this.#own };
  }
}

function isRefusal(reason: Reason): boolean {
  return reason === "refused-credentials" || reason === "refused-authorization" || reason === "refused-identifier";
}

function connectFields(credentials: Credentials, identity: string): SessionCredentials {
  if (credentials.type === "ACCESS_TOKEN") return { clientId: identity, user: credentials.token };
  if (credentials.type === "X509_CERTIFICATE") return { clientId: identity };
  const { clientId = identity, userName: user, password } = credentials;
  return { clientId, user, password };
}
