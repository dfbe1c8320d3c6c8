// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "../cloud/credentials.js";
import { isSameCredentials } from "../cloud/credentials.js";
import type { ProvisioningDialect } from "../cloud/dialect.js";
import type { Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Host, SocketFactory } from "../core/ports.js";
import { CredentialStore } from "../provisioning/credential-store.js";
import { Provisioner } from "../provisioning/provisioner.js";
import { randomToken } from "../provisioning/random-token.js";
import type { Participant } from "../session/link.js";
import type { SessionCredentials } from "../session/options.js";
import type { Session } from "../session/session.js";
import type { CompleteConfig } from "./config.js";
import type { CompleteProvisioning } from "./config-server.js";

/** A server that is being restarted may refuse whom it knows; new credentials that it refuses so often are wrong. */
const refusalsOfCandidate = 3;

/** At the session's slow ladder these are about half an hour. */
const refusalsToReprovision = 5;

export interface OnboardingOptions {
  readonly host: Host;
  readonly session: Session;
  readonly dialect: ProvisioningDialect;
  readonly config: Pick<CompleteConfig, "server" | "credentials" | "provisioning">;
  /** The device is live at last, and the server had refused to provision it before: in its words. */
  readonly onRefusalOver: (refusal: string) => void;
  /** From now on the session uses these, wherever they come from. */
  readonly onCredentials: (credentials: Credentials) => void;
}

/**
 * Gives the session its credentials: those of the configuration, or those that the server gives when it is asked. New ones are
 * stored before they are used and take the place of the old when the server has accepted them once. The session begins when there
 * are any.
 */
export class Onboarding implements Participant {
  readonly #options: OnboardingOptions;
  readonly #store: CredentialStore | undefined;
  readonly #provisioner: Provisioner | undefined;
  readonly #own: Credentials | undefined;
  #inUse: Credentials | undefined;
  #isStarted = false;
  /** Sessions in a row that the server refused by their credentials. */
  #refusals = 0;
  #refusal = "";

  /** Throws `TypeError` or `RangeError` for certificates that are none. */
  constructor(options: OnboardingOptions) {
    const { host, session, config } = options;
    const { provisioning } = config;
    this.#options = options;
    session.join(this);
    if (provisioning === undefined) {
      if (config.credentials !== undefined) this.#use(config.credentials);
      return;
    }
    const failures = new FailureLog(host.clock, host.log, "provisioning.failed");
    this.#store = new CredentialStore(host.storage, host.text, failures);
    this.#own = this.#ownCredentials(this.#store, provisioning);
    this.#provisioner = this.#makeProvisioner(provisioning, failures);
  }

  /** Attempts to be provisioned since the start; undefined where that is not asked for. */
  get attempts(): number | undefined {
    return this.#provisioner?.attempts;
  }

  /** Begins with what there is. Idempotent. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const known = this.#store?.candidate ?? this.#store?.verified;
    if (known !== undefined) this.#use(known);
    if (this.#inUse !== undefined) this.#options.session.start();
    else this.#provisioner?.start();
  }

  /** Idempotent. */
  stop(): void {
    this.#isStarted = false;
    this.#provisioner?.stop();
    this.#options.session.stop();
  }

  setNetwork(isUp: boolean): void {
    this.#provisioner?.setNetwork(isUp);
    this.#options.session.setNetwork(isUp);
  }

  onOpen(): void {}

  onLive(): void {
    const { host, onRefusalOver } = this.#options;
    this.#refusals = 0;
    if (this.#store?.candidate === undefined || this.#inUse !== this.#store.candidate) return;
    this.#store.confirm();
    host.log.write("info", "provisioning.verified", this.#inUse.type);
    if (this.#refusal === "") return;
    onRefusalOver(this.#refusal);
    this.#refusal = "";
  }

  onClosed(reason: Reason): void {
    if (!isRefusal(reason) || this.#store === undefined) return;
    this.#refusals += 1;
    if (this.#inUse === this.#store.candidate) {
      if (this.#refusals >= refusalsOfCandidate) this.#giveUpCandidate(this.#store, reason);
    } else if (this.#isToReprovision && this.#refusals >= refusalsToReprovision) this.#reprovision(reason);
  }

  onRoom(): void {}

  get #isToReprovision(): boolean {
    return this.#options.config.provisioning?.whenRefused === "reprovision";
  }

  #giveUpCandidate(store: CredentialStore, reason: Reason): void {
    const { session, host } = this.#options;
    this.#refusals = 0;
    store.discard();
    host.log.write("warning", "provisioning.discarded", "the server does not accept what it gave", reason);
    if (store.verified !== undefined) this.#use(store.verified);
    else {
      this.#inUse = undefined;
      session.stop();
      this.#provisioner?.start(true);
    }
  }

  /** The old credentials stay until the server has accepted new ones. */
  #reprovision(reason: Reason): void {
    const { session, host } = this.#options;
    this.#refusals = 0;
    host.log.write("warning", "provisioning.again", "the server refuses what it once accepted", reason);
    session.stop();
    this.#provisioner?.start();
  }

  #onProvisioned(credentials: Credentials): void {
    this.#store?.propose(credentials);
    this.#use(credentials);
    this.#options.session.start();
  }

  /** The device exists, perhaps because an earlier reply was lost: then what the device has chosen itself is good. */
  #onRefused(refusal: string): void {
    this.#refusal = refusal;
    const verified = this.#store?.verified;
    if (this.#own === undefined || (verified !== undefined && isSameCredentials(this.#own, verified))) return;
    this.#provisioner?.stop();
    this.#onProvisioned(this.#own);
  }

  #use(credentials: Credentials): void {
    const { session, host } = this.#options;
    this.#options.onCredentials(credentials);
    this.#inUse = credentials;
    this.#refusals = 0;
    session.use(connectFields(credentials, host.system.identity), this.#socketsFor(credentials));
  }

  #socketsFor(credentials?: Credentials): SocketFactory {
    const { host, config } = this.#options;
    const { tls } = config.server;
    if (tls === undefined) return host.connect;
    if (credentials?.type !== "X509_CERTIFICATE") return host.secure(tls);
    const { certificate, privateKey } = credentials;
    return host.secure({ ...tls, certificate, privateKey });
  }

  #ownCredentials(store: CredentialStore, { credentials }: CompleteProvisioning): Credentials | undefined {
    if (credentials === "server") return undefined;
    if (credentials !== "device") return credentials;
    return store.own(() => ({ type: "ACCESS_TOKEN", token: randomToken(this.#options.host.random) }));
  }

  #makeProvisioner({ key, secret, deviceName, gateway }: CompleteProvisioning, failures: FailureLog): Provisioner {
    const { host, dialect, config } = this.#options;
    const { clock, random, text, log, system } = host;
    const name = deviceName ?? system.identity;
    return new Provisioner({
      ...{ clock, random, text, log, failures, dialect, server: config.server, clientId: system.identity },
      connect: this.#socketsFor(),
      request: {
        ...{ deviceKey: key, deviceSecret: secret, isGateway: gateway, credentials: this.#own },
        deviceName: name === "" ? undefined : name,
      },
      onProvisioned: (credentials) => this.#onProvisioned(credentials),
      onRefused: (refusal) => this.#onRefused(refusal),
    });
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
