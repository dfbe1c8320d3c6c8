import type { Entry } from "../json/value.js";
import { pointsAt } from "../store/point.js";
import type { Store } from "../store/store.js";

/** Without a sign of life for this long a device is no longer active; its server attribute `inactivityTimeout` overrides. */
const defaultInactivityTimeout = 600_000;

/** How often the inactive are looked for. */
const checkInterval = 1000;

/** Signs of life closer together than this are stored as one, as ThingsBoard's transport does. */
const reportInterval = 3000;

/** Keeps the server attributes from which ThingsBoard tells whether a device lives. */
export class DeviceState {
  readonly #store: Store;
  readonly #lastReported = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: Store) {
    this.#store = store;
    this.#timer = setInterval(() => this.#checkInactive(), checkInterval).unref();
    this.#endSessionsOfEarlierProcess();
  }

  connected(deviceId: string): void {
    const now = Date.now();
    this.#save(deviceId, [flag("active", true), time("lastConnectTime", now), time("lastActivityTime", now)]);
    this.#lastReported.set(deviceId, now);
  }

  disconnected(deviceId: string): void {
    this.#save(deviceId, [time("lastDisconnectTime", Date.now())]);
  }

  recordActivity(deviceId: string): void {
    const now = Date.now();
    const isActive = this.isActive(deviceId);
    if (isActive && now - (this.#lastReported.get(deviceId) ?? 0) < reportInterval) return;
    this.#lastReported.set(deviceId, now);
    this.#save(
      deviceId,
      isActive ? [time("lastActivityTime", now)] : [flag("active", true), time("lastActivityTime", now)],
    );
  }

  isActive(deviceId: string): boolean {
    return this.#store.attributes.get(deviceId, "SERVER_SCOPE", "active")?.text === "true";
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #checkInactive(): void {
    for (const { id } of this.#store.devices.all()) {
      if (!this.isActive(id)) continue;
      const timeout = this.#number(id, "inactivityTimeout") ?? defaultInactivityTimeout;
      const now = Date.now();
      if (now - (this.#number(id, "lastActivityTime") ?? 0) >= timeout) {
        this.#save(id, [flag("active", false), time("inactivityAlarmTime", now)]);
      }
    }
  }

  /** A process that was killed could not note the end of its sessions. */
  #endSessionsOfEarlierProcess(): void {
    for (const { id } of this.#store.devices.all()) {
      const connectTime = this.#number(id, "lastConnectTime");
      if (connectTime && connectTime >= (this.#number(id, "lastDisconnectTime") ?? 0)) this.disconnected(id);
    }
  }

  #number(deviceId: string, key: string): number | undefined {
    const attribute = this.#store.attributes.get(deviceId, "SERVER_SCOPE", key);
    const value = Number(attribute?.text);
    return Number.isFinite(value) ? value : undefined;
  }

  #save(deviceId: string, entries: readonly Entry[]): void {
    if (!this.#store.devices.get(deviceId)) return;
    const points = pointsAt(Date.now(), entries);
    this.#store.commit({ op: "attributes", deviceId, scope: "SERVER_SCOPE", points });
  }
}

function flag(key: string, value: boolean): Entry {
  return [key, { type: "BOOLEAN", text: String(value) }];
}

function time(key: string, value: number): Entry {
  return [key, { type: "LONG", text: String(value) }];
}
