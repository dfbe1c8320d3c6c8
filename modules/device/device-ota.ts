// SPDX-License-Identifier: Apache-2.0

import type { OtaDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { describeError, FailureLog } from "../core/failure-log.js";
import type { Host } from "../core/ports.js";
import type { WallClock } from "../network/clock.js";
import { CheckpointStore } from "../ota/checkpoint-store.js";
import { ChunkChannel } from "../ota/chunk-channel.js";
import { ChunkSource } from "../ota/chunk-source.js";
import type { UpdateStep } from "../ota/delivery.js";
import { FirmwareTarget } from "../ota/firmware-target.js";
import { Gates } from "../ota/gates.js";
import { HttpPackages } from "../ota/http-packages.js";
import type { Offer } from "../ota/offer.js";
import type { PackageReceiver, PackageSource } from "../ota/package-source.js";
import { checkPublicKey } from "../ota/signature.js";
import { SoftwareTarget } from "../ota/software-target.js";
import { StoredObjects } from "../ota/stored-objects.js";
import type { PackageName, UpdateTarget } from "../ota/target.js";
import { Trust } from "../ota/trust.js";
import { Turn } from "../ota/turn.js";
import { UpdateRecords } from "../ota/update-record.js";
import { Updater } from "../ota/updater.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { type Application, type ApplicationModule, frameworkVersion } from "./application.js";
import type { CompleteConfig } from "./config.js";
import { located } from "./config-fields.js";
import type { Device } from "./device.js";
import type { DeviceAttributes } from "./device-attributes.js";
import type { DeviceHealth } from "./device-health.js";
import type { DeviceRpc } from "./device-rpc.js";
import { OfferFeed } from "./offer-feed.js";
import { OtaReport } from "./ota-report.js";
import type { Parts } from "./parts.js";

/** "firmware": the whole image. "software": application code alone. */
export type PackageKind = "firmware" | "software";

/** Whether a package may take its next step now. Asked again every ten seconds while it may not. Must not throw. */
export type UpdateGate = (step: UpdateStep, kind: PackageKind, name: PackageName) => boolean;

/** `rollback`, which the server can call in safe mode, too. */
const rollbackSchema = Object.freeze({
  kind: Object.freeze({ type: "string?", oneOf: Object.freeze(["firmware", "software"] as const) } as const),
} as const);

export interface DeviceOtaOptions {
  readonly host: Host;
  readonly parts: Parts;
  readonly attributes: DeviceAttributes;
  readonly rpc: DeviceRpc;
  readonly telemetry: Telemetry;
  readonly config: Pick<CompleteConfig, "firmware" | "software" | "ota" | "server">;
  readonly health: DeviceHealth;
  readonly wallClock: WallClock;
  /** Stops in good order and starts the firmware anew. */
  readonly restart: (reason: string) => void;
}

/** `device.ota`: updates over the air, of the firmware and of application code. */
export class DeviceOta {
  readonly #options: DeviceOtaOptions;
  readonly #objects: StoredObjects;
  readonly #turn = new Turn();
  /** One for both kinds: who has the turn has it. */
  readonly #trust: Trust;
  readonly #failures: FailureLog;
  /** Made with the first offer. */
  #gates: Gates | undefined;
  readonly #updaters = new Map<PackageKind, Updater>();
  readonly #feed: OfferFeed | undefined;
  readonly #http: HttpPackages;
  readonly #ask = (): void => this.check();
  #software: SoftwareTarget | undefined;
  #gate: UpdateGate | undefined;

  /** Throws `RangeError` for a public key that is none, and where the platform cannot check signatures. */
  constructor(options: DeviceOtaOptions) {
    const { host, parts, attributes, config } = options;
    const { storage, text, bootLoader, applicationSlot: slot, openFlash, verifySignature } = host;
    const { publicKey, ca } = config.ota;
    this.#options = options;
    this.#failures = new FailureLog(host.clock, host.log, "ota.storage-failed");
    this.#objects = new StoredObjects({ storage, text, failures: this.#failures });
    if (publicKey !== undefined) located("config.ota", () => checkPublicKey(verifySignature, publicKey));
    this.#trust = new Trust({ native: host.digest, publicKey, verify: verifySignature });
    const secureFor = ca === undefined ? undefined : located("config.ota", () => host.secure({ ca }));
    this.#http = new HttpPackages(host, secureFor);
    const objects = this.#objects;
    const { firmware, software } = config;
    const { firmware: firmwareDialect, software: softwareDialect } = parts.dialect;
    // A platform without packages: the configuration has none either.
    if (firmwareDialect === undefined || softwareDialect === undefined) return;
    if (bootLoader !== undefined && firmware !== undefined)
      this.#add("firmware", firmwareDialect, new FirmwareTarget({ bootLoader, objects, built: firmware }), firmware);
    if (slot !== undefined && software !== undefined) {
      this.#software = new SoftwareTarget({ slot, openFlash, objects, built: software });
      this.#add("software", softwareDialect, this.#software, software);
    }
    if (this.#updaters.size === 0) return;
    options.rpc.handle("rollback", rollbackSchema, ({ kind }) => {
      this.rollBack(kind === "software" ? kind : "firmware");
      return { accepted: true };
    });
    const names = [firmwareDialect.names, softwareDialect.names].flatMap((all) => Object.values(all));
    this.#feed = new OfferFeed(parts, attributes, names, (values) => this.#onAnswer(values));
  }

  /** What runs, as the server called it when it came; undefined where this kind cannot be replaced. */
  current(kind: PackageKind): PackageName | undefined {
    return this.#updaters.get(kind)?.current;
  }

  /** Asks `gate` before each download and before each restart into a new image, besides what the configuration demands. */
  onReady(gate: UpdateGate): void {
    if (typeof gate !== "function") throw new TypeError("gate: not a function");
    this.#gate = gate;
  }

  /** Asks the server now for what it offers; it is asked after every connect and whenever it tells of a change anyway. */
  check(): void {
    this.#feed?.ask();
  }

  /**
   * Returns to the image before this one, without a download, and restarts; or from application code that came by an update to the
   * firmware's own. The present offer counts as failed. Throws `DeviceError` "image-refused" where there is nothing to return to and
   * during a trial of either kind, and `RangeError` where this kind cannot be replaced.
   */
  rollBack(kind: PackageKind = "firmware"): void {
    const updater = this.#updaters.get(kind);
    if (updater === undefined) throw new RangeError(`kind: ${kind} cannot be replaced`);
    const others = [...this.#updaters.values()].filter((other) => other !== updater);
    // The restart of one would end the trial of the other.
    if (others.some((other) => other.isOnTrial || other.isLeaving))
      throw new DeviceError("image-refused", "image-refused: not during a trial of the other kind");
    updater.rollBack();
    if (updater.isLeaving) for (const other of others) other.suspend();
  }

  /**
   * Finds out what became of the last boot's update. False where the device must not start: it restarts. Once per boot. In safe mode
   * `run` does not follow.
   */
  boot(isSafeMode: boolean): boolean {
    if (this.#bringsInSoftware(!isSafeMode)) return false;
    for (const updater of this.#updaters.values()) updater.boot();
    return true;
  }

  /**
   * Runs the application: the one that came as a package where there is one that fits, else `own`. What is on trial and throws has
   * failed; otherwise what it throws comes out of here.
   */
  run(own: Application, device: Device): void {
    const { host } = this.#options;
    const firmware = this.#updaters.get("firmware");
    const software = this.#updaters.get("software");
    try {
      const application = this.#loadApplication() ?? own;
      application(device, host);
    } catch (error) {
      const trial = [software, firmware].find((updater) => updater?.isOnTrial);
      if (trial === undefined) throw error;
      trial.giveUpTrial("application-failed", describeError(error));
    }
  }

  setNetwork(isUp: boolean): void {
    this.#http.setNetwork(isUp);
  }

  suspend(): void {
    for (const updater of this.#updaters.values()) updater.suspend();
  }

  resume(): void {
    for (const updater of this.#updaters.values()) updater.resume();
  }

  #add(kind: PackageKind, dialect: OtaDialect, target: UpdateTarget, { title }: PackageName): void {
    const { host, parts, telemetry, config, health, wallClock, restart } = this.#options;
    const { lastReset } = health;
    const { clock, text, log, storage, openFlash } = host;
    const { chunkSize, trialDeadline } = config.ota;
    const prefix = kind === "firmware" ? "fw" : "sw";
    const failures = this.#failures;
    const channel = new ChunkChannel(parts.link, dialect);
    const updater = new Updater({
      ...{ clock, text, log, names: dialect.names, target, openFlash, title, lastReset, trialDeadline, restart },
      records: new UpdateRecords(this.#objects, `${prefix}.update`),
      checkpoints: new CheckpointStore({ storage, text, key: `${prefix}.check`, failures }),
      trust: this.#trust,
      chunkLength: chunkSize,
      openSource: (offer, receiver) => this.#openSource(kind, channel, offer, receiver),
      obstacle: (step, name) => this.#obstacle(step, kind, name),
      turn: this.#turn,
      report: new OtaReport({ telemetry, keys: dialect.keys, clock, wallClock, log }),
      ask: this.#ask,
    });
    this.#updaters.set(kind, updater);
  }

  #openSource(kind: PackageKind, channel: ChunkChannel, { url }: Offer, receiver: PackageReceiver): PackageSource {
    if (url !== undefined) return this.#http.open(url, receiver);
    const { host, config } = this.#options;
    const { clock, random, log } = host;
    const { window } = config.ota;
    const parity = kind === "firmware" ? 0 : 1;
    return new ChunkSource({ channel, clock, random, log, receiver, window, parity });
  }

  #obstacle(step: UpdateStep, kind: PackageKind, name: PackageName): string | undefined {
    this.#gates ??= this.#makeGates();
    const obstacle = this.#gates.obstacle();
    if (obstacle !== undefined || this.#gate === undefined || this.#gate(step, kind, name)) return obstacle;
    return "the application says no";
  }

  #makeGates(): Gates {
    const { host, config, health, wallClock } = this.#options;
    const { maintenance, minimumFreeHeap, minimumBattery } = config.ota;
    return new Gates({
      ...{ log: host.log, maintenance, minimumFreeHeap, minimumBattery },
      clockUtc: () => wallClock.epoch(wallClock.uptime()),
      measure: (report) => health.measure(report),
    });
  }

  #onAnswer(values: ReadonlyMap<string, Json>): void {
    // Nothing begins that the restart of one would end.
    for (const updater of this.#updaters.values()) if (updater.isLeaving) return;
    for (const updater of this.#updaters.values()) updater.onServerReached();
    for (const updater of this.#updaters.values()) updater.onOffered(values);
  }

  /** True where application code was brought in that the platform sees after a restart only. */
  #bringsInSoftware(mayRun: boolean): boolean {
    const { host } = this.#options;
    try {
      if (this.#software?.prepare(mayRun) !== true) return false;
      host.system.restart("new application");
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#failures.add(error.reason, error.message);
      return false;
    }
  }

  /** Undefined where there is none, or none that can be used. */
  #loadApplication(): Application | undefined {
    const { host } = this.#options;
    const software = this.#software;
    if (host.applicationSlot === undefined || software?.isInUse !== true) return undefined;
    try {
      const module = host.applicationSlot.load() as Partial<ApplicationModule> | undefined;
      if (module === undefined) {
        if (software.isBrought) this.#onUnusable("image-refused", "there is none that this platform can load");
        return undefined;
      }
      const { default: application, framework } = module;
      if (framework === frameworkVersion && typeof application === "function") return application;
      this.#onUnusable("wrong-framework", `built for ${String(framework)}, this is ${frameworkVersion}`);
    } catch (error) {
      const reason = error instanceof DeviceError ? error.reason : "application-failed";
      this.#onUnusable(reason, describeError(error));
    }
    return undefined;
  }

  #onUnusable(reason: Reason, detail: string): void {
    this.#options.host.log.write("warning", "ota.application", detail, reason);
    // What came over the cable is nobody's update.
    if (this.#software?.isBrought !== true) return;
    this.#software.disuse();
    this.#updaters.get("software")?.refuse(reason, detail);
  }
}
