// SPDX-License-Identifier: Apache-2.0

import type { OtaDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { describeError, FailureLog } from "../core/failure-log.js";
import type { Host, SocketFactory } from "../core/ports.js";
import { SoleTimer } from "../core/sole-timer.js";
import type { WallClock } from "../network/clock.js";
import { CheckpointStore } from "../ota/checkpoint-store.js";
import { ChunkSource } from "../ota/chunk-source.js";
import type { UpdateStep } from "../ota/delivery.js";
import { FirmwareTarget } from "../ota/firmware-target.js";
import { Gates } from "../ota/gates.js";
import { HttpSource } from "../ota/http/http-source.js";
import { NetworkedSource } from "../ota/networked-source.js";
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
  readonly #failures: FailureLog;
  readonly #gates: Gates;
  readonly #updaters = new Map<PackageKind, Updater>();
  readonly #feed: OfferFeed | undefined;
  /** For packages behind https. */
  readonly #secureFor: SocketFactory | undefined;
  readonly #httpClock: SoleTimer;
  readonly #httpFailures: FailureLog;
  /** The last package that came by HTTP: there is one at a time. */
  #networked: NetworkedSource | undefined;
  #hasNetwork = false;
  #software: SoftwareTarget | undefined;
  #gate: UpdateGate = () => true;

  /** Throws `RangeError` for a public key that is none, and where the platform cannot check signatures. */
  constructor(options: DeviceOtaOptions) {
    const { host, parts, attributes, config, health, wallClock } = options;
    const { storage, text, bootLoader, applicationSlot: slot, openFlash, verifySignature } = host;
    const { publicKey, ca, maintenance, minimumFreeHeap, minimumBattery } = config.ota;
    this.#options = options;
    this.#failures = new FailureLog(host.clock, host.log, "ota.storage-failed");
    this.#httpFailures = new FailureLog(host.clock, host.log, "ota.http");
    this.#httpClock = new SoleTimer(host.clock);
    this.#objects = new StoredObjects({ storage, text, failures: this.#failures });
    if (publicKey !== undefined) located("config.ota", () => checkPublicKey(verifySignature, publicKey));
    if (ca !== undefined) this.#secureFor = located("config.ota", () => host.secure({ ca }));
    this.#gates = new Gates({
      ...{ log: host.log, maintenance, minimumFreeHeap, minimumBattery },
      clockUtc: () => wallClock.epoch(wallClock.uptime()),
      measure: (report) => health.measure(report),
    });
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
   * firmware's own. The present offer counts as failed. Throws `DeviceError` "image-refused" where there is nothing to return to, and
   * `RangeError` where this kind cannot be replaced.
   */
  rollBack(kind: PackageKind = "firmware"): void {
    const updater = this.#updaters.get(kind);
    if (updater === undefined) throw new RangeError(`kind: ${kind} cannot be replaced`);
    // The restart would end a trial of the other kind, too.
    for (const { isOnTrial } of this.#updaters.values())
      if (isOnTrial) throw new DeviceError("image-refused", "image-refused: not during a trial");
    updater.rollBack();
  }

  /** Finds out what became of the last boot's update. False where the device must not start: it restarts. Once per boot. */
  boot(): boolean {
    if (this.#bringsInSoftware()) return false;
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
    this.#hasNetwork = isUp;
    this.#networked?.setNetwork(isUp);
  }

  suspend(): void {
    for (const updater of this.#updaters.values()) updater.suspend();
  }

  resume(): void {
    for (const updater of this.#updaters.values()) updater.resume();
  }

  #add(kind: PackageKind, dialect: OtaDialect, target: UpdateTarget, { title }: PackageName): void {
    const { host, parts, telemetry, config, health, restart } = this.#options;
    const { lastReset } = health;
    const { clock, text, log, storage, openFlash, digest: native, verifySignature: verify } = host;
    const { chunkSize, window, trialDeadline, publicKey } = config.ota;
    const prefix = kind === "firmware" ? "fw" : "sw";
    const failures = this.#failures;
    const chunks = new ChunkSource({
      ...{ link: parts.link, clock, random: host.random, log, dialect, window },
      parity: kind === "firmware" ? 0 : 1,
    });
    const updater = new Updater({
      ...{ clock, text, log, names: dialect.names, target, openFlash, title, lastReset, trialDeadline, restart },
      records: new UpdateRecords(this.#objects, `${prefix}.update`),
      checkpoints: new CheckpointStore({ storage, text, key: `${prefix}.check`, failures }),
      trust: new Trust({ native, publicKey, verify }),
      chunkLength: chunkSize,
      openSource: ({ url }, receiver) => (url === undefined ? chunks.serve(receiver) : this.#openUrl(url, receiver)),
      obstacle: (step, name) =>
        this.#gates.obstacle() ?? (this.#gate(step, kind, name) ? undefined : "the application says no"),
      turn: this.#turn,
      report: new OtaReport(telemetry, dialect.keys, clock, log),
      ask: () => this.check(),
    });
    this.#updaters.set(kind, updater);
  }

  #openUrl(url: string, receiver: PackageReceiver): PackageSource {
    const { random, text, connect } = this.#options.host;
    const clock = this.#httpClock;
    clock.release();
    const failures = this.#httpFailures;
    const buffer = new Uint8Array(receiver.image.chunkLength);
    const sockets = { connect, secureFor: this.#secureFor };
    const source = new HttpSource({ clock, random, text, failures, ...sockets, url, buffer, receiver });
    this.#networked = new NetworkedSource(source, this.#hasNetwork);
    return this.#networked;
  }

  #onAnswer(values: ReadonlyMap<string, Json>): void {
    for (const updater of this.#updaters.values()) updater.onServerReached();
    for (const updater of this.#updaters.values()) updater.onOffered(values);
  }

  /** True where application code was brought in that the platform sees after a restart only. */
  #bringsInSoftware(): boolean {
    const { host } = this.#options;
    try {
      if (this.#software?.prepare() !== true) return false;
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
    if (host.applicationSlot === undefined || this.#software?.isInUse !== true) return undefined;
    try {
      const module = host.applicationSlot.load() as Partial<ApplicationModule> | undefined;
      if (module === undefined) return undefined;
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
    this.#updaters.get("software")?.giveUpTrial(reason, detail);
  }
}
