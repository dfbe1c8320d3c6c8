import type { EventListener } from "../events.js";
import { writeJson } from "../json/json.js";
import { type Entry, valueJson } from "../json/value.js";
import type { AttributeScope } from "../store/attributes.js";
import { pointsAt } from "../store/point.js";
import type { Store } from "../store/store.js";
import type { TelemetryGroup } from "./payload.js";
import type { Sessions } from "./sessions.js";

const maxKeyLength = 255;

/** A key that can be sent but not stored. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

/** Writes telemetry and attributes, and tells a connected device what changed in its shared attributes. */
export class DeviceData {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #onEvent: EventListener;

  constructor(store: Store, sessions: Sessions, onEvent: EventListener) {
    this.#store = store;
    this.#sessions = sessions;
    this.#onEvent = onEvent;
  }

  /** @throws {KeyError} and stores nothing of the group with the bad key */
  saveTelemetry(deviceId: string, groups: readonly TelemetryGroup[]): void {
    for (const { ts, entries } of groups) {
      checkKeys(entries);
      if (entries.length > 0) this.#store.commit({ op: "points", deviceId, points: pointsAt(ts, entries) });
    }
  }

  /** @throws {KeyError} and stores nothing */
  saveAttributes(deviceId: string, scope: AttributeScope, entries: readonly Entry[]): void {
    checkKeys(entries);
    if (entries.length === 0) return;
    this.#store.commit({ op: "attributes", deviceId, scope, points: pointsAt(Date.now(), entries) });
    if (scope === "CLIENT_SCOPE") return;
    this.#report(
      "attributes.changed",
      deviceId,
      scope,
      entries.map(([key]) => key),
    );
    const update = new Map(entries.map(([key, value]) => [key, valueJson(value)]));
    if (scope === "SHARED_SCOPE") this.#notify(deviceId, writeJson(update));
  }

  /** Deletes, and notifies of, the keys as requested: also those that never existed. */
  deleteAttributes(deviceId: string, scope: AttributeScope, keys: readonly string[]): void {
    this.#store.commit({ op: "attributesDeleted", deviceId, scope, keys });
    this.#report("attributes.deleted", deviceId, scope, keys);
    if (scope === "SHARED_SCOPE") this.#notify(deviceId, writeJson({ deleted: keys }));
  }

  #notify(deviceId: string, json: string): void {
    const session = this.#sessions.of(deviceId);
    if (session?.isSubscribedToAttributes) session.sendAttributeUpdate(json);
  }

  #report(
    event: "attributes.changed" | "attributes.deleted",
    deviceId: string,
    scope: AttributeScope,
    keys: readonly string[],
  ): void {
    const device = this.#store.devices.get(deviceId)?.name ?? deviceId;
    this.#onEvent({ event, device, scope, keys });
  }
}

function checkKeys(entries: readonly Entry[]): void {
  for (const [key] of entries) {
    if (key.trim() === "") throw new KeyError("Key can't be null or empty");
    if (key.length > maxKeyLength) throw new KeyError(`Key length must be equal or less than ${maxKeyLength}`);
  }
}
