// SPDX-License-Identifier: Apache-2.0

import type { Assets } from "../assets/assets.js";
import type { Reason } from "../core/errors.js";
import { describeError, FailureLog } from "../core/failure-log.js";
import type { Flash, Host, LogSink, Milliseconds } from "../core/ports.js";
import { SharedClock } from "../core/shared-clock.js";
import { FailedBoots } from "../health/failed-boots.js";
import { LogTap } from "../health/log-tap.js";
import { WallClock } from "../network/clock.js";
import { Station } from "../network/station.js";
import { Claiming } from "../provisioning/claiming.js";
import type { Session } from "../session/session.js";
import { Telemetry } from "../telemetry/telemetry.js";
import type { Application } from "./application.js";
import { completeConfig, type DeviceConfig } from "./config.js";
import { secretsIn, secretsOf } from "./config-secrets.js";
import { DeviceAttributes } from "./device-attributes.js";
import { createGateway, DeviceGateway } from "./device-gateway.js";
import { DeviceHealth } from "./device-health.js";
import { DeviceOta } from "./device-ota.js";
import { DeviceRpc } from "./device-rpc.js";
import { LimitsReader } from "./limits-reader.js";
import { Onboarding } from "./onboarding.js";
import { OpenRemotePlatform } from "./openremote-platform.js";
import type { Parts } from "./parts.js";
import type { Platform, PlatformOptions } from "./platform.js";
import { SharedReportRules } from "./report-rules.js";
import { ThingsBoardPlatform } from "./thingsboard-platform.js";

/** A restart waits until the server has acknowledged what it was sent, above all the answer to the call that asked for it. */
const restartPoll: Milliseconds = 250;
const longestRestartDelay: Milliseconds = 5_000;

/**
 * A device and its cloud: the public API. Everything may be called at any time, online or not; nothing is sent before `start`.
 * Mistakes of the caller throw `TypeError` or `RangeError` at once; failures of the world are logged by name, counted and retried.
 */
export class Device {
  readonly telemetry: Telemetry;
  readonly attributes: DeviceAttributes;
  readonly rpc: DeviceRpc;
  readonly health: DeviceHealth;
  /** For the application's own lines, which have the fate of the device's: the platform's log, the trail of a crash, the server. */
  readonly log: LogSink;
  readonly claiming: Claiming;
  readonly gateway: DeviceGateway;
  readonly ota: DeviceOta;
  readonly #failedBoots: FailedBoots;
  readonly #host: Host;
  readonly #station: Station;
  readonly #platform: Platform;
  readonly #session: Session;
  readonly #onboarding: Onboarding;
  #isStarted = false;
  #hasBooted = false;
  #isRestarting = false;

  /** Throws `TypeError` or `RangeError` naming the field of the configuration, before anything is touched. */
  constructor(platform: Host, config: DeviceConfig | unknown) {
    const complete = completeConfig(config, platform.text);
    const { wifi, telemetry, openremote } = complete;
    const log = new LogTap(platform.log);
    // One timer of the platform for all there are.
    const clock = new SharedClock(platform.clock);
    const host: Host = { ...platform, log, clock };
    const { random, text } = host;
    this.#host = host;
    this.log = log;
    log.hideAll(secretsOf(complete));
    const onKnown = (): void => this.telemetry.onClockKnown();
    const wallClock = new WallClock({ clock, time: host.time, random, log, onKnown });
    const options: PlatformOptions = {
      ...{ host, config: complete },
      onSnapshot: (values) => this.attributes.onSnapshot(values),
      onMoved: () => this.restart("another asset"),
    };
    const cloud = openremote ? new OpenRemotePlatform(options, openremote) : new ThingsBoardPlatform(options);
    const { dialect } = cloud;
    this.#platform = cloud;
    this.#session = cloud.session;
    this.#station = new Station({
      ...{ clock, random, log, wifi: host.wifi, networks: wifi },
      onChanged: (isConnected) => {
        wallClock.setNetwork(isConnected);
        this.#onboarding.setNetwork(isConnected);
        this.ota.setNetwork(isConnected);
      },
    });
    const { link, echoes } = cloud;
    const parts: Parts = { clock, random, text, storage: host.storage, log, link, dialect, echoes };
    // First, because certificates that are none show here.
    this.#onboarding = new Onboarding({
      ...{ host, session: this.#session, dialect: dialect.provisioning, config: complete },
      // The server's words may be ours.
      onRefusalOver: (refusal) => this.attributes.publish({ provisioningRefusal: log.veiled(refusal) }),
      onCredentials: (credentials) => log.hideLearned(secretsIn(credentials)),
    });
    const flash = openJournal(host);
    const gateway = createGateway(parts, complete.gateway, telemetry.maxAge);
    this.telemetry = new Telemetry({
      ...{ ...parts, link: gateway?.gate ?? parts.link, dialect: dialect.telemetry, wallClock, flash, ...telemetry },
      maxSources: complete.gateway.maxChildren,
      connector: complete.gateway.connector,
    });
    this.gateway = new DeviceGateway(parts, gateway, this.telemetry);
    this.attributes = new DeviceAttributes(parts, cloud.requester);
    this.rpc = new DeviceRpc(parts);
    this.claiming = new Claiming({ ...parts, dialect: dialect.claim });
    new LimitsReader(parts, this.rpc, this.#session, gateway);
    for (const [key, rule] of telemetry.rules ?? []) this.telemetry.setRule(key, rule);
    new SharedReportRules(parts, this.telemetry, this.attributes);
    this.telemetry.onQuarantined((key, ts, device) => {
      if (device === undefined) dialect.attributes.refuse(key);
      // Where there is one kind of attributes, that of this name is the vital sign.
      if (openremote !== undefined) return;
      const { quarantined } = this.telemetry;
      this.attributes.publish({ quarantined: { device, key, ts: ts ?? null, count: quarantined } });
    });
    const { attributes } = this;
    this.health = new DeviceHealth({
      ...{ host, parts, tap: log, telemetry: this.telemetry, attributes, wallClock, config: complete.health },
      reports: openremote?.reports,
    });
    this.#joinVitals(wallClock);
    this.ota = new DeviceOta({
      ...{ host, parts, attributes, rpc: this.rpc, telemetry: this.telemetry, health: this.health, wallClock },
      config: complete,
      restart: (reason) => this.restart(reason),
    });
    this.#failedBoots = new FailedBoots({
      ...{ clock, storage: host.storage, resetReason: host.system.resetReason },
      failures: new FailureLog(clock, log, "device.boots"),
    });
  }

  /** The assets of the realm. Throws `RangeError` where the platform has none. */
  get assets(): Assets {
    const { assets, dialect } = this.#platform;
    if (assets === undefined) throw new RangeError(`assets: ${dialect.name} has none`);
    return assets;
  }

  /** The application does not run, because the last boots with it failed. The device is live, and can be updated. */
  get isSafeMode(): boolean {
    return this.#failedBoots.isSafeMode;
  }

  /**
   * Brings up the network and everything above it, and keeps it up. The first call runs the application before: one that came as a
   * package of its own goes before `application`, and in safe mode there is none. Idempotent.
   */
  start(application: Application = noApplication): void {
    if (this.#isStarted) return;
    if (!this.#hasBooted && !this.#boot(application)) return;
    this.#isStarted = true;
    const { log, system } = this.#host;
    log.write(
      "info",
      "device.start",
      `${system.description}, reset by ${system.resetReason}, identity ${system.identity}`,
    );
    this.health.resume();
    this.ota.resume();
    this.#onboarding.start();
    this.#station.start();
  }

  /** Takes leave of the server and of the network. What is not delivered stays, in the journal where there is one. Idempotent. */
  stop(): void {
    this.#isStarted = false;
    this.health.suspend();
    this.ota.suspend();
    this.#onboarding.stop();
    this.#station.stop();
    this.telemetry.store();
    this.attributes.store();
  }

  /**
   * Stops in good order and starts the firmware anew: as soon as nothing waits for the server's acknowledgement, half a second from
   * now at the earliest and five seconds at the latest. `reason` appears in the log. Idempotent.
   */
  restart(reason: string): void {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    const { clock, system } = this.#host;
    const since = clock.ticks();
    const end = clock.timer(() => {
      if (this.#session.inFlight > 0 && clock.elapsed(since) < longestRestartDelay) {
        end.start(restartPoll);
        return;
      }
      this.stop();
      system.restart(reason);
    });
    // What an update tells of the restart itself is recorded a moment later: its states keep a distance.
    const flush = clock.timer(() => {
      this.telemetry.flush();
      end.start(restartPoll);
    });
    flush.start(restartPoll);
  }

  /** False where the device restarts at once. */
  #boot(application: Application): boolean {
    this.#hasBooted = true;
    if (!this.ota.boot(this.isSafeMode)) return false;
    this.attributes.publish({ safeMode: this.isSafeMode });
    if (this.isSafeMode) {
      this.log.write("error", "device.safe-mode", "the last boots with the application failed");
      // Mostly it is the application that asks for them.
      this.health.reportUnasked();
      if (this.rpc.isCallable)
        this.rpc.handle("reboot", {}, () => {
          this.restart("rpc");
          return { accepted: true };
        });
      return true;
    }
    this.#failedBoots.start();
    this.ota.run(application, this);
    return true;
  }

  #joinVitals(wallClock: WallClock): void {
    const { system, wifi } = this.#host;
    this.health.join((report) => system.measure(report));
    this.health.join((report) => {
      report("uptime", Math.round(wallClock.uptime() / 1000));
      if (wifi.RSSI !== undefined) report("rssi", wifi.RSSI);
    });
    this.health.join((report) => {
      const { depth, journaled, dropped, refused, quarantined } = this.telemetry;
      report("queued", depth);
      report("stored", journaled);
      report("dropped", dropped);
      report("refused", refused);
      report("quarantined", quarantined);
      const { disconnects } = this.#session;
      report("disconnects", disconnects.total);
      const disconnectReasons = new Map<Reason, number>();
      disconnects.forEach((reason, count) => {
        disconnectReasons.set(reason, count);
      });
      if (disconnectReasons.size > 0) report("disconnectReasons", disconnectReasons);
      const attempts = this.#onboarding.attempts ?? this.#platform.attempts;
      if (attempts !== undefined) report("provisioningAttempts", attempts);
    });
  }
}

/** What a program does that has all of it around `Device.start`. */
const noApplication: Application = () => {};

/** Undefined where the platform has no such partition: then telemetry lives in RAM alone. */
function openJournal({ openFlash, log }: Host): Flash | undefined {
  try {
    return openFlash("journal");
  } catch (error) {
    log.write("warning", "telemetry.journal", describeError(error), "storage-failed");
    return undefined;
  }
}
