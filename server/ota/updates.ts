import { randomUUID } from "node:crypto";
import type { DeviceData } from "../core/device-data.js";
import type { EventListener } from "../events.js";
import type { DeviceProfile } from "../store/device-profiles.js";
import type { Device } from "../store/devices.js";
import { type OtaPackageType, otaPackageTypes, packageIdOf } from "../store/ota-packages.js";
import type { QueuedUpdate } from "../store/ota-queue.js";
import type { Store } from "../store/store.js";
import { targetPackageId } from "./assignment.js";
import { allAttributeKeys, entryOf, keyPrefixes, packageAttributes } from "./attributes.js";

/** So long a ThingsBoard takes to look into its queue. */
const pollInterval = 25;

/**
 * Tells devices what they should run, when that changes: first it is QUEUED, then, one device after the other,
 * INITIATED and in the shared attributes. What comes next only the device can tell.
 */
export class OtaUpdates {
  readonly #store: Store;
  readonly #data: DeviceData;
  readonly #onEvent: EventListener;
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param interval milliseconds from one device to the next */
  constructor(store: Store, data: DeviceData, onEvent: EventListener, interval: number) {
    this.#store = store;
    this.#data = data;
    this.#onEvent = onEvent;
    this.#interval = interval;
    if (store.otaQueue.first()) this.#wait(pollInterval);
  }

  /**
   * To be called before the device is stored: if the process is killed in between, the caller had no answer, and when
   * it asks again there is still a change.
   * @param before undefined: the device is new
   */
  deviceChanging(device: Device, before: Device | undefined): void {
    for (const type of otaPackageTypes) {
      const packageId = targetPackageId(device, type, this.#store);
      const packageIdBefore = before ? targetPackageId(before, type, this.#store) : null;
      if (packageId !== packageIdBefore) this.#announce(device, type, packageId, Date.now());
    }
  }

  /** To be called before the profile is stored, for the devices that have no package of their own. */
  profileChanging(profile: DeviceProfile, before: DeviceProfile): void {
    const now = Date.now();
    const devices = this.#store.devices.all().filter(({ deviceProfileId }) => deviceProfileId === profile.id);
    for (const type of otaPackageTypes) {
      const packageId = packageIdOf(profile, type);
      if (packageId === packageIdOf(before, type)) continue;
      for (const device of devices) {
        if (packageIdOf(device, type) === null) this.#announce(device, type, packageId, now);
      }
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #announce(device: Device, type: OtaPackageType, packageId: string | null, now: number): void {
    if (packageId === null) this.#withdraw(device, type);
    else this.#queue(device, type, packageId, now);
  }

  #withdraw(device: Device, type: OtaPackageType): void {
    this.#data.deleteAttributes(device.id, "SHARED_SCOPE", allAttributeKeys(type));
    this.#onEvent({ event: "ota.withdrawn", device: device.name, type });
  }

  #queue({ id: deviceId, name }: Device, type: OtaPackageType, packageId: string, ts: number): void {
    const otaPackage = this.#store.otaPackages.get(packageId);
    if (!otaPackage) return;
    this.#store.commit({ op: "updateQueued", update: { id: randomUUID(), deviceId, packageId, type } });
    const { title, version, tag } = otaPackage;
    const prefix = keyPrefixes[type];
    const entries = [
      entryOf(`target_${prefix}_title`, title),
      entryOf(`target_${prefix}_version`, version),
      ...(tag ? [entryOf(`target_${prefix}_tag`, tag)] : []),
      entryOf(`target_${prefix}_ts`, ts),
      entryOf(`${prefix}_state`, "QUEUED"),
    ];
    this.#data.saveTelemetry(deviceId, [{ ts, entries }]);
    this.#onEvent({ event: "ota.queued", device: name, type, title, version });
    this.#wait(pollInterval);
  }

  #wait(delay: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#takeNext();
    }, delay).unref();
  }

  #takeNext(): void {
    const update = this.#store.otaQueue.first();
    if (!update) return;
    const isInitiated = this.#initiate(update);
    // Last: a process that is killed before this tells the device once more, not never.
    this.#store.commit({ op: "updateTaken", updateId: update.id });
    this.#wait(isInitiated ? this.#interval : 0);
  }

  /** @returns false: meanwhile the device is gone, or should run something else */
  #initiate({ deviceId, packageId, type }: QueuedUpdate): boolean {
    const device = this.#store.devices.get(deviceId);
    const otaPackage = this.#store.otaPackages.get(packageId);
    if (!device || !otaPackage || targetPackageId(device, type, this.#store) !== packageId) return false;
    const state = entryOf(`${keyPrefixes[type]}_state`, "INITIATED");
    this.#data.saveTelemetry(deviceId, [{ ts: Date.now(), entries: [state] }]);
    const { entries, deleted } = packageAttributes(otaPackage);
    // Two messages, which on a real server may come the other way round.
    if (deleted.length > 0) this.#data.deleteAttributes(deviceId, "SHARED_SCOPE", deleted);
    this.#data.saveAttributes(deviceId, "SHARED_SCOPE", entries);
    const { title, version } = otaPackage;
    this.#onEvent({ event: "ota.initiated", device: device.name, type, title, version });
    return true;
  }
}
